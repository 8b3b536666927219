package org.fl4j.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Executors that are threads of this JVM, as under {@code local[2]}. */
@Timeout(120)
class LocalThreadsTest extends RunsOnSpark {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    @Override
    JavaSparkContext spark() {
        return CLUSTER.context();
    }
}
