package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.Evaluation;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How rounds on Spark end, and what goes with them, on threads of this JVM. */
@Timeout(120)
class SparkRunnerTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    /** Of clients that hang: executors are in this JVM. */
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private static final Map<String, Integer> INTERRUPTED = new ConcurrentHashMap<>();

    @Test
    void whatAClientThrowsIsItsOutcome() {
        for (RoundResult result : List.of(blocks(Odd::new, 20), calls(Odd::new, 20))) {
            List<String> outcomes = ((RoundResult.Advanced) result)
                    .report().outcomes().stream().map(ClientOutcome::describe).toList();
            assertEquals(
                    "client 'client-3' failed: java.lang.IllegalStateException: it rains",
                    outcomes.get(3),
                    "a failure");
            assertEquals("client 'client-5': not today", outcomes.get(5), "a rejection of its own");
            assertTrue(outcomes.get(7).startsWith("client 'client-7', round 1: "), outcomes.get(7));
            assertEquals("client 'client-8' completed", outcomes.get(8));
        }
    }

    /** By the executor, for blocks and for single clients. */
    @Test
    void aClientThatHangsMissesTheDeadline() throws InterruptedException {
        Duration deadline = Duration.ofSeconds(2);
        RoundPolicy policy = RoundPolicy.DEFAULT.withDeadline(deadline);
        for (RoundResult result : List.of(
                run(FedAvg::byExamples, Hanging::new, 20, policy),
                run(CoordinateMedian::of, Hanging::new, 20, policy))) {
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes =
                    ((RoundResult.Advanced) result).report().outcomes();
            assertEquals(new ClientOutcome.TimedOut<>(new ClientId("client-2"), deadline), outcomes.get(2));
            assertInstanceOf(ClientOutcome.Completed.class, outcomes.get(1));
        }
        while (INTERRUPTED.getOrDefault("client-2", 0) < 2) { // it is told that nobody waits, each time
            Thread.sleep(20);
        }
    }

    /** The first that complete end the round, which whole blocks cannot do. */
    @Test
    void overSelectionGoesClientByClient() {
        RoundResult result;
        try (SparkRunner runner = runner(FedAvg::byExamples, client -> client, 20);
                FederatedServer server = server(FederatedServer.with(FedAvg.byExamples()), runner)
                        .selector(ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withOverSelection(0.5))
                        .build()) {
            result = server.run(Digits.start(), 1);
        }
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes =
                ((RoundResult.Advanced) result).report().outcomes();
        assertEquals(15, outcomes.size());
        assertEquals(
                10,
                outcomes.stream()
                        .filter(ClientOutcome.Completed.class::isInstance)
                        .count());
    }

    @Test
    void anInterruptEndsTheRunAndItsJobs() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread runs = new Thread(() -> {
            try {
                run(FedAvg::byExamples, Hanging::new, 20, RoundPolicy.DEFAULT);
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        runs.start();
        awaitJobs(1);
        runs.interrupt();

        assertInstanceOf(RunInterruptedException.class, thrown.get());
        awaitJobs(0);
    }

    @Test
    void closingEndsTheRun() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        SparkRunner runner = runner(FedAvg::byExamples, Hanging::new, 20);
        Thread runs = new Thread(() -> {
            try (FederatedServer server =
                    server(FederatedServer.with(FedAvg.byExamples()), runner).build()) {
                server.run(Digits.start(), 1);
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        runs.start();
        awaitJobs(1);
        runner.close();

        assertEquals("the runner was closed during a run", thrown.get().getMessage());
        awaitJobs(0);
    }

    /** Otherwise executors would train without what decorates them here. */
    @Test
    void clientsThatAreNotItsOwnAreRefused() {
        try (SparkRunner runner = runner(FedAvg::byExamples, client -> client, 4)) {
            String why =
                    "they must be SparkRunner.clients() of this runner as they are; what decorates them belongs into what"
                            + " executors make, which would not see it";
            for (ClientProvider others :
                    List.of(Digits.clients(), runner.clients().decorated(client -> client))) {
                ServerBuilder builder = FederatedServer.with(FedAvg.byExamples())
                        .clients(others)
                        .localTraining(Digits.TRAINING)
                        .runner(runner);
                String message = assertThrows(IllegalStateException.class, builder::build)
                        .getMessage();
                assertTrue(message.endsWith(why), message);
                assertTrue(assertThrows(
                                IllegalArgumentException.class,
                                () -> FederatedEvaluation.every(1, others, runner, (round, sum) -> {}))
                        .getMessage()
                        .endsWith(why));
            }
        }
    }

    @Test
    void anotherRuleOnExecutorsEndsTheRun() {
        String message = assertThrows(FederatedLearningException.class, () -> {
                    try (SparkRunner runner = runner(CoordinateMedian::of, client -> client, 4)) {
                        played(server(FederatedServer.with(FedAvg.byExamples()), runner));
                    }
                })
                .getMessage();
        assertTrue(message.contains("give SparkRunner the server's rule"), message);
    }

    @Test
    void codeThatCannotTravelIsNamed() {
        Object fixed = new Object();
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, () -> {
                            int unused = fixed.hashCode();
                            return Digits.clients();
                        }))
                .getMessage();
        assertEquals(
                "what goes to executors must hold nothing that Java cannot serialise, but holds a java.lang.Object; make it"
                        + " inside the lambda, or in a static method",
                message);
    }

    /** Masks are made on the driver; the sum is that of one JVM, as integers have no order. */
    @Test
    void aSecureSumHasTheSameBits() {
        SecureSum rule = SecureSum.on(ClippedMean.fixed(1)).ofAtLeast(3);
        ServerState there;
        try (SparkRunner runner = SparkRunner.over(
                CLUSTER.context(),
                () -> SecureSum.on(ClippedMean.fixed(1)).ofAtLeast(3),
                () -> small(8, client -> client))) {
            there = played(server(FederatedServer.with(rule), runner));
        }
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            assertEquals(
                    played(FederatedServer.with(rule)
                            .clients(small(8, client -> client))
                            .localTraining(Digits.TRAINING)
                            .runner(runner)),
                    there);
        }
        assertNotEquals(Digits.start().weights(), there.weights());
    }

    /** Noise is drawn on the driver. */
    @Test
    void aPrivateRuleIsChargedAndReleases() {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 1);
        ServerState end;
        try (SparkRunner runner = SparkRunner.over(
                CLUSTER.context(),
                () -> GaussianMechanism.on(ClippedMean.fixed(1), 1),
                () -> small(8, client -> client))) {
            end = played(server(FederatedServer.with(rule), runner).selector(ClientSelector.poisson(0.5)));
        }
        assertEquals(1, rule.statement(end.ledger(), 1e-5).rounds());
    }

    @Test
    void asynchronousRoundsGoClientByClient() {
        try (SparkRunner runner = runner(FedAvg::byExamples, client -> client, 12)) {
            ServerState end = played(server(FederatedServer.with(FedAvg.byExamples()), runner)
                    .selector(ClientSelector.uniform(4))
                    .asynchronous(AsynchronousRounds.fedBuff(4, 4)));
            assertEquals(1, end.round());
        }
    }

    /** It was the host's before and is after. */
    @Test
    void theContextIsLeftAsItIs() {
        CLUSTER.context().setLocalProperty("spark.job.description", "mine");
        blocks(client -> client, 20);
        assertEquals("mine", CLUSTER.context().getLocalProperty("spark.job.description"));
        assertEquals(2, CLUSTER.context().parallelize(List.of(1, 2)).count());
    }

    private static RoundResult blocks(Decorator decorator, int clients) {
        return run(FedAvg::byExamples, decorator, clients, RoundPolicy.DEFAULT);
    }

    private static RoundResult calls(Decorator decorator, int clients) {
        return run(CoordinateMedian::of, decorator, clients, RoundPolicy.DEFAULT);
    }

    /** A round of everybody. */
    private static RoundResult run(
            ExecutorSide<? extends DirectAggregator> rule, Decorator decorator, int clients, RoundPolicy policy) {
        try (SparkRunner runner = runner(rule, decorator, clients);
                FederatedServer server = server(FederatedServer.with(rule.make()), runner)
                        .policy(policy)
                        .build()) {
            return server.run(Digits.start(), 1);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ServerBuilder server(ServerBuilder builder, SparkRunner runner) {
        return builder.clients(runner.clients()).localTraining(Digits.TRAINING).runner(runner);
    }

    private static ServerState played(ServerBuilder builder) {
        try (FederatedServer server = builder.build()) {
            return server.run(Digits.start(), 1).state();
        }
    }

    private static SparkRunner runner(ExecutorSide<? extends Aggregator> rule, Decorator decorator, int clients) {
        return SparkRunner.over(CLUSTER.context(), rule, () -> small(clients, decorator));
    }

    private static ClientProvider small(int clients, Decorator decorator) {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(clients, writer -> digits.writer(writer, 10))
                .over(Digits.models())
                .decorated(decorator);
    }

    private static void awaitJobs(int many) throws InterruptedException {
        while (CLUSTER.context().statusTracker().getActiveJobIds().length != many) {
            Thread.sleep(20);
        }
    }

    /** As it travels. */
    private interface Decorator extends UnaryOperator<Client>, Serializable {}

    private interface Decorated extends Client {
        Client itself();

        @Override
        default ClientId id() {
            return itself().id();
        }

        @Override
        default Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself().evaluate(task);
        }
    }

    /** One throws, one declines, one answers for another round. */
    private record Odd(Client itself) implements Decorated {
        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            switch (id().value()) {
                case "client-3" -> throw new IllegalStateException("it rains");
                case "client-5" -> throw new UpdateRejectedException("not today");
                case "client-7" -> {
                    return itself.train(new TrainingTask(
                            task.round() + 1,
                            task.global(),
                            task.localTraining(),
                            task.objective(),
                            task.vectors(),
                            task.seed()));
                }
                default -> {
                    return itself.train(task);
                }
            }
        }
    }

    private record Hanging(Client itself) implements Decorated {
        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (id().value().equals("client-2")) {
                try {
                    NEVER.await();
                } catch (InterruptedException e) {
                    INTERRUPTED.merge(id().value(), 1, Integer::sum);
                    throw e;
                }
            }
            return itself.train(task);
        }
    }
}
