package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.Evaluation;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.Tuple2;

/**
 * Work that Spark gives up with what was beside it, and that is done again in the same JVM, where a client has not returned
 * yet. All executors are in this JVM; that one is lost is only said.
 */
@Timeout(60)
class GivenUpTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    private static final AtomicBoolean IS_DUE = new AtomicBoolean();
    private static final CountDownLatch[] BEGUN = new CountDownLatch[1];
    private static final Set<String> AT_WORK = ConcurrentHashMap.newKeySet();
    private static final Set<String> TWICE = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void begin() {
        BEGUN[0] = new CountDownLatch(1);
        TWICE.clear();
    }

    @Test
    void aBlockThatIsDoneAgainHasAllItsClients() throws Exception {
        List<Tuple2<String, Integer>> pairs = new ArrayList<>(
                ids().stream().map(id -> new Tuple2<>(id.value(), number(id))).toList());
        JavaPairRDD<String, Integer> data =
                CLUSTER.context().parallelizePairs(pairs, 2).mapPartitionsToPair(GivenUpTest::lostOnce, true);
        ServerState there;
        try (SparkRunner runner = SparkRunner.overKeys(
                data, FedAvg::byExamples, (ids, its) -> clients(ids, its::apply).decorated(Stubborn::new))) {
            IS_DUE.set(true);
            there = run(FederatedServer.with(FedAvg.byExamples()), runner.clients(), runner, 1);
        }
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            assertEquals(
                    run(FederatedServer.with(FedAvg.byExamples()), clients(ids(), GivenUpTest::number), runner, 1),
                    there);
        }
        assertEquals(Set.of(), TWICE, "clients that were inside two calls");
    }

    /** A client that is late is not called in the next round before it has returned. */
    @Test
    void nobodyIsInsideTwoCalls() throws Exception {
        try (SparkRunner runner = SparkRunner.over(
                CLUSTER.context(),
                CoordinateMedian::of,
                () -> clients(ids(), GivenUpTest::number).decorated(Stubborn::new))) {
            List<ClientOutcome<ClientUpdate.Receipt>> last = new ArrayList<>();
            ServerState end = run(
                    FederatedServer.with(CoordinateMedian.of())
                            .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(1500)))
                            .listeners(new RoundListener() {
                                @Override
                                public void roundEnded(RoundResult result) {
                                    last.clear();
                                    last.addAll(((RoundResult.Advanced) result)
                                            .report()
                                            .outcomes());
                                }
                            }),
                    runner.clients(),
                    runner,
                    2);
            assertEquals(2, end.round());
            assertInstanceOf(ClientOutcome.TimedOut.class, last.get(0));
            assertInstanceOf(ClientOutcome.Completed.class, last.get(1));
        }
        assertEquals(Set.of(), TWICE, "clients that were inside two calls");
    }

    /** The block beside the first, while the first client is at work. */
    private static Iterator<Tuple2<String, Integer>> lostOnce(Iterator<Tuple2<String, Integer>> pairs)
            throws InterruptedException {
        List<Tuple2<String, Integer>> all = new ArrayList<>();
        pairs.forEachRemaining(all::add);
        if (all.get(0)._1().equals("client-16") && IS_DUE.getAndSet(false)) {
            BEGUN[0].await();
            throw new IllegalStateException("ExecutorLostFailure");
        }
        return all.iterator();
    }

    private static List<ClientId> ids() {
        return IntStream.range(0, 32).mapToObj(i -> new ClientId("client-" + i)).toList();
    }

    private static int number(ClientId id) {
        return Integer.parseInt(id.value().substring("client-".length()));
    }

    private interface Numbers extends Function<ClientId, Integer> {}

    private static ClientProvider clients(List<ClientId> ids, Numbers data) {
        StrokeDigits digits = StrokeDigits.of(4);
        return ClientProvider.local(ids, id -> digits.writer(data.apply(id), 10), Digits.models());
    }

    private static ServerState run(ServerBuilder builder, ClientProvider clients, ClientRunner runner, int rounds) {
        try (FederatedServer server = builder.clients(clients)
                .localTraining(Digits.TRAINING)
                .runner(runner)
                .build()) {
            return server.run(Digits.start(), rounds).state();
        }
    }

    /** The first does not listen to interrupts; with another one at work beside it, an executor is said to be lost. */
    private record Stubborn(Client itself) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (!AT_WORK.add(id().value())) {
                TWICE.add(id().value());
            }
            try {
                if (id().value().equals("client-0") && BEGUN[0].getCount() > 0) {
                    BEGUN[0].countDown();
                    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    Thread.interrupted();
                }
                return itself.train(task);
            } finally {
                AT_WORK.remove(id().value());
            }
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
