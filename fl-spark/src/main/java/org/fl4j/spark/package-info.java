/** Clients that train on the executors of a Spark cluster: the application's context, one block of clients a partition. */
@NullMarked
package org.fl4j.spark;

import org.jspecify.annotations.NullMarked;
