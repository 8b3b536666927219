package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.StrokeDigits;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An executor whose native code is set otherwise than the driver's. */
@Timeout(120)
@Tag("long")
class OtherBitsTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.processes(1)
            .with("spark.executorEnv.OMP_NUM_THREADS", "2")
            .with("spark.executorEnv.OPENBLAS_CORETYPE", "Nehalem");

    @Test
    void itsSumsAreRefusedNamingHostAndCause() {
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, OtherBitsTest::clients)) {
            String message = assertThrows(IllegalStateException.class, () -> run(runner, runner.clients()))
                    .getMessage();

            assertTrue(
                    message.matches("executor 0 on \\S+ computes other bits than the driver: its BLAS is .*"), message);
            assertTrue(message.contains(" for the core NEHALEM where here it is "), message);
            assertTrue(
                    message.contains("; ND4J reduces on 2 threads where here it is 1 (set OMP_NUM_THREADS alike)"),
                    message);
            assertTrue(message.contains("; products of the same numbers have other bits. "), message);

            SparkRunner accepting = runner.acceptingOtherBits();
            assertEquals(1, run(accepting, accepting.clients()).round());
        }
    }

    private static ServerState run(SparkRunner runner, ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(Digits.TRAINING)
                .runner(runner)
                .build()) {
            return server.run(Digits.start(), 1).state();
        }
    }

    private static ClientProvider clients() {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(3, writer -> digits.writer(writer, 10)).over(Digits.models());
    }
}
