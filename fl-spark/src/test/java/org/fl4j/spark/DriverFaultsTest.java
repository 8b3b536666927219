package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.PersonalTraining;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens on the driver: its store, its threads, its limits, and what it tells Spark. */
@Timeout(120)
class DriverFaultsTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    /** A full disk of the driver's is not the failure of a client. */
    @Test
    void aStoreThatFailsEndsTheRun() {
        for (boolean staging : List.of(true, false)) {
            Store store = new Store() {
                @Override
                public void stage(ClientId client, int round, long token, ComponentState state) {
                    if (staging) {
                        throw new UncheckedIOException(new IOException("disk full"));
                    }
                    super.stage(client, round, token, state);
                }

                @Override
                public ComponentState read(ClientId client) {
                    if (!staging) {
                        throw new UncheckedIOException(new IOException("disk full"));
                    }
                    return super.read(client);
                }
            };
            assertEquals(
                    "java.io.IOException: disk full",
                    assertThrows(UncheckedIOException.class, () -> remembered(store))
                            .getMessage());
        }
    }

    /** Spark's scheduler has one thread for all jobs of the context. */
    @Test
    void aStoreIsNotWrittenOnSparksThreads() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        remembered(new Store() {
            @Override
            public void stage(ClientId client, int round, long token, ComponentState state) {
                threads.add(Thread.currentThread().getName());
                super.stage(client, round, token, state);
            }
        });
        assertTrue(threads.stream().noneMatch(name -> name.contains("dag-scheduler")), threads.toString());
    }

    private static ServerState remembered(ClientStateStore store) {
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), CoordinateMedian::of, Digits::clients)) {
            return played(FederatedServer.with(CoordinateMedian.of())
                    .clients(runner.clients().rememberingIn(store))
                    .personal(PersonalTraining.ditto(0.1))
                    .runner(runner)
                    .selector(ClientSelector.uniform(4)));
        }
    }

    private abstract static class Store implements ClientStateStore {

        private final ClientStateStore itself = ClientStateStore.inMemory();

        @Override
        public ComponentState read(ClientId client) {
            return itself.read(client);
        }

        @Override
        public void stage(ClientId client, int round, long token, ComponentState state) {
            itself.stage(client, round, token, state);
        }

        @Override
        public ClientStateStore.Claim claim(RunId run, int round) {
            return itself.claim(run, round);
        }

        @Override
        public long begin(int round) {
            return itself.begin(round);
        }

        @Override
        public void commit(int round, Collection<ClientId> accepted) {
            itself.commit(round, accepted);
        }

        @Override
        public void forgetBefore(int round) {
            itself.forgetBefore(round);
        }

        @Override
        public void forget(ClientId client) {
            itself.forget(client);
        }

        @Override
        public void eraseHistory() {
            itself.eraseHistory();
        }
    }

    /** Whoever watches Spark, or reads its event log, is not told who took part. */
    @Test
    void jobsOfAPrivateRuleNameNobody() throws Exception {
        Set<String> described = ConcurrentHashMap.newKeySet();
        CLUSTER.context().sc().addSparkListener(new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart job) {
                described.add(String.valueOf(job.properties().getProperty("spark.job.description")));
            }
        });
        SecureSum rule =
                SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1)).ofAtLeast(3);
        try (SparkRunner runner = SparkRunner.over(
                CLUSTER.context(),
                () -> SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1))
                        .ofAtLeast(3),
                Digits::clients)) {
            played(FederatedServer.with(rule)
                    .clients(runner.clients())
                    .runner(runner)
                    .selector(ClientSelector.poisson(0.5)));
        }
        while (described.isEmpty()) {
            Thread.sleep(20);
        }
        CLUSTER.context().sc().listenerBus().waitUntilEmpty();
        assertEquals(Set.of("round 1"), described);
    }

    /** Further than any clock goes. */
    @Test
    void aDeadlineThatNeverComes() {
        for (Duration deadline :
                List.of(Duration.ofMillis(Long.MAX_VALUE - 1), Duration.ofSeconds(Long.MAX_VALUE - 1))) {
            try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, Digits::clients)) {
                assertEquals(
                        1,
                        played(FederatedServer.with(FedAvg.byExamples())
                                        .clients(runner.clients())
                                        .runner(runner)
                                        .policy(RoundPolicy.DEFAULT.withDeadline(deadline)))
                                .round());
            }
        }
    }

    @Test
    void closingOneOfTwoClosesBoth() {
        for (boolean first : List.of(true, false)) {
            SparkRunner runner = SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, Digits::clients);
            SparkRunner accepting = runner.acceptingOtherBits();
            SparkRunner closed = first ? runner : accepting;
            SparkRunner other = first ? accepting : runner;
            closed.close();
            assertEquals(
                    "the runner is closed",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> played(FederatedServer.with(FedAvg.byExamples())
                                            .clients(other.clients())
                                            .runner(other)))
                            .getMessage());
        }
    }

    private static ServerState played(ServerBuilder builder) {
        try (FederatedServer server = builder.localTraining(Digits.TRAINING).build()) {
            return server.run(Digits.start(), 1).state();
        }
    }
}
