/** JMH benchmarks, run by hand: {@code mvn -q -Pbenchmarks -Dargs="UpdateSum"}. */
@NullMarked
package org.fl4j.benchmarks;

import org.jspecify.annotations.NullMarked;
