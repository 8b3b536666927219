/** Many clients in one JVM: populations, partitioners, readers and synthetic data. */
@NullMarked
package org.fl4j.simulation;

import org.jspecify.annotations.NullMarked;
