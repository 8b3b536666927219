package org.fl4j.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Under Kryo, which takes no record and no lambda, and drops what it does not know of an array. */
@Timeout(120)
class KryoTest extends RunsOnSpark {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2)
            .with("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .with("spark.kryo.registrationRequired", "true");

    @Override
    JavaSparkContext spark() {
        return CLUSTER.context();
    }
}
