/** Benchmarks of whole training runs: {@code mvn -q -Drun=training -Dargs="2nn-mnist"}. */
@NullMarked
package org.fl4j.benchmarks.training;

import org.jspecify.annotations.NullMarked;
