/** Who coordinates: the federated server, its state, rounds and listeners. */
@NullMarked
package org.fl4j.server;

import org.jspecify.annotations.NullMarked;
