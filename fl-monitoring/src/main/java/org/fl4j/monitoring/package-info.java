/** Where a run is seen: one listener that hands each round to files, logs, meters and servers of others. */
@NullMarked
package org.fl4j.monitoring;

import org.jspecify.annotations.NullMarked;
