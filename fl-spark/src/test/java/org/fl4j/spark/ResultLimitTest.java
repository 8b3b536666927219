package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.PersonalTraining;
import org.fl4j.data.StrokeDigits;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients remember comes back with their block, and counts in what Spark lets a job return. */
@Timeout(120)
class ResultLimitTest {

    /** Room for two blocks of sixteen models of their own, but not for four. */
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2).with("spark.driver.maxResultSize", "4900k");

    @Test
    void aJobStaysUnderItsLimit() {
        ServerState here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(clients(), runner);
        }
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, ResultLimitTest::clients)) {
            assertEquals(here, run(runner.clients(), runner));
        }
    }

    private static ServerState run(ClientProvider clients, ClientRunner runner) {
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(Digits.TRAINING)
                .personal(PersonalTraining.ditto(0.1))
                .runner(runner)
                .build()) {
            return server.run(Digits.start(), 2).state();
        }
    }

    private static ClientProvider clients() {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(160, writer -> digits.writer(writer, 5)).over(Digits.models());
    }
}
