/** Rounds whose clients train on the executors of an Apache Spark cluster, with the bits they have in one JVM. */
@NullMarked
package org.fl4j.spark;

import org.jspecify.annotations.NullMarked;
