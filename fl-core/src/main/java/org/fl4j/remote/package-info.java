/**
 * Clients that call the server and are not called by it: both ends of their messages, for a transport of the host.
 * {@link org.fl4j.remote.RemoteClients} at the server, {@link org.fl4j.remote.RemoteSession} at each client, bytes in between.
 */
@NullMarked
package org.fl4j.remote;

import org.jspecify.annotations.NullMarked;
