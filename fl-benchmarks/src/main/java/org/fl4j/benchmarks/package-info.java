/** JMH benchmarks, run by hand: {@code mvn -q -Drun=benchmarks -Dargs="UpdateSum"}. */
@NullMarked
package org.fl4j.benchmarks;

import org.jspecify.annotations.NullMarked;
