package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two threads of this JVM. */
@Timeout(60)
class LocalThreadsTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    @Test
    void aProductHasTheSameBitsInATask() {
        String digest = Products.digest();
        assertEquals(
                List.of(digest, digest),
                CLUSTER.context()
                        .parallelize(List.of(0, 1), 2)
                        .map(task -> Products.digest())
                        .collect());
        assertEquals(List.of(), CLUSTER.executors());
    }
}
