/** Many clients in one JVM. */
@NullMarked
package org.fl4j.simulation;

import org.jspecify.annotations.NullMarked;
