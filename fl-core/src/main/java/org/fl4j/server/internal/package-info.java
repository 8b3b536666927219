/** What the packages of the server share; not for applications. */
@NullMarked
package org.fl4j.server.internal;

import org.jspecify.annotations.NullMarked;
