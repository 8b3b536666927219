/** Digits on Spark: writers train on the executors of a cluster, or of this machine. */
@NullMarked
package org.fl4j.spark.example;

import org.jspecify.annotations.NullMarked;
