/** What FL4J's own modules share; not for applications, and free to change. */
@NullMarked
package org.fl4j.internal;

import org.jspecify.annotations.NullMarked;
