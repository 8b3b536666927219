package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that hold no thread: the same rounds as with those that do, in the time of one of them, on a few threads. */
@Timeout(60)
class NonBlockingClientTest {

    private static final Duration LATENCY = Duration.ofMillis(50);
    private static final int CLIENTS = 1000;

    private final LateClients late = new LateClients(LATENCY);

    @AfterEach
    void endTransport() {
        late.close();
    }

    /** On 4 threads that wait for one client each, a round would take 12.5 s. */
    @Test
    void aThousandClientsTakeTheTimeOfAFewAndFourThreads() {
        ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, NonBlockingClientTest::sometimesFails);
        ServerState expected = run(population, InProcessRunner.of(4), false);
        InProcessRunner runner = InProcessRunner.of(4);
        Threads threads = new Threads();

        long begin = System.nanoTime();
        ServerState end = run(threads.seenBy(population.decorated(late)), runner.withWindow(CLIENTS), false);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);

        assertEquals(expected, end);
        assertTrue(took.compareTo(Duration.ofSeconds(6)) < 0, () -> "two rounds took " + took);
        assertTrue(threads.most() <= 4, () -> "live threads of runners: " + threads.most());
    }

    /** The server's own runner would have a thread for each of 256. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void theServersOwnRunnerHasAThreadAProcessorForThem(boolean seesEveryUpdate) {
        ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, NonBlockingClientTest::sometimesFails);
        ServerState expected = run(population, InProcessRunner.of(2), seesEveryUpdate);
        Threads threads = new Threads();
        try (FederatedServer server = builder(seesEveryUpdate)
                .clients(threads.seenBy(population.decorated(late).remote()))
                .build()) {
            assertEquals(expected, server.run(Toy.start(), 2).state());
        }
        // Of two rounds, as the first one's may still be about to end.
        int most = 2 * Runtime.getRuntime().availableProcessors();
        assertTrue(threads.most() <= most, () -> threads.most() + " threads");
    }

    @Test
    void inVirtualTimeTheOutcomesAreThoseOfBlockingClients() {
        ScriptedPopulation population = ScriptedPopulation.of(40, NonBlockingClientTest::sometimesFails);
        assertEquals(inVirtualTime(population), inVirtualTime(population.decorated(late)));
    }

    private static ServerState inVirtualTime(ClientProvider clients) {
        try (InProcessRunner threads = InProcessRunner.of(2);
                FederatedServer server = builder(false)
                        .clients(clients)
                        .selector(ClientSelector.uniform(20))
                        .policy(RoundPolicy.DEFAULT.withOverSelection(0.5).withDeadline(Duration.ofSeconds(30)))
                        .runner(VirtualRunner.over(threads, Latency.pareto(Duration.ofSeconds(10), 1.2)))
                        .build()) {
            return server.run(Toy.start(), 3).state();
        }
    }

    @Test
    void underASecureRuleEachStageIsWithoutThreadsAsWell() {
        ScriptedPopulation population = ScriptedPopulation.of(100, NonBlockingClientTest::sometimesFails);
        SecureAggregator rule = InsecureForTests.on(MeanRule.plain(), 3);
        List<ServerState> ends = new ArrayList<>();
        int most = 0;
        for (boolean blocking : new boolean[] {true, false}) {
            // Those of a runner that was closed may not have ended yet.
            Threads threads = new Threads();
            try (FarClients far = FarClients.all(population, InsecureForTests.on(MeanRule.plain(), 3));
                    InProcessRunner runner = InProcessRunner.of(2);
                    FederatedServer server = FederatedServer.with(rule)
                            .clients(blocking ? far : threads.seenBy(far.decorated(late)))
                            .localTraining(Toy.TRAINING)
                            .runner(runner.withWindow(100))
                            .build()) {
                ends.add(server.run(Toy.start(), 1).state());
                assertEquals(0, far.trainedAtTheServer.get());
                most = threads.most();
            }
        }
        assertEquals(ends.get(0), ends.get(1));
        // Of two stages, as the first one's may still be about to end.
        assertTrue(most <= 4, most + " threads");
    }

    @Test
    void evaluationIsWithoutThreads() {
        ScriptedPopulation population =
                ScriptedPopulation.of(200, Toy::wanders).judgedBy((self, task) -> new Evaluation(1, 2, List.of()));
        List<Evaluation> sums = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = builder(false)
                        .clients(population)
                        .runner(runner)
                        .listeners(FederatedEvaluation.every(
                                1, population.decorated(late), runner.withWindow(200), (round, sum) -> sums.add(sum)))
                        .build()) {
            long begin = System.nanoTime();
            server.run(Toy.start(), 1);
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            assertTrue(took.compareTo(Duration.ofSeconds(3)) < 0, () -> "not one after another, but " + took);
        }
        assertEquals(200, sums.get(0).examples());
    }

    /** A client that is not waited for is cancelled; where that cannot be it is busy until it answers. */
    @Test
    void stragglersAreCancelledAndBusyUntilTheirStageIsComplete() {
        ClientId deaf = new ClientId("client-3");
        CompletableFuture<ClientUpdate> answer = new CompletableFuture<>();
        late.mute.addAll(Set.of(new ClientId("client-1"), deaf));
        ClientProvider clients = ScriptedPopulation.of(5, Toy.moves(1, 0, 0))
                .decorated(late)
                .decorated(client -> client.id().equals(deaf) ? new DeafClient(deaf, answer) : client);
        List<List<String>> heard = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(clients)
                        .localTraining(Toy.TRAINING)
                        .runner(runner.withWindow(5))
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(400)))
                        .build()) {
            RoundResult first = server.run(Toy.start(), 1);
            heard.add(Toy.outcomes(first));
            assertEquals(Set.of(new ClientId("client-1")), late.cancelled);
            assertEquals(0, runner.abandoned(), "no thread is held");
            late.mute.remove(new ClientId("client-1"));
            heard.add(Toy.outcomes(server.run(first.state(), 1)));
            answer.completeExceptionally(new IOException("too late"));
            heard.add(Toy.outcomes(server.run(first.state(), 1)));
        }
        assertEquals(
                List.of(
                        List.of(
                                "client-0 completed",
                                "client-1 timed out after PT0.4S",
                                "client-2 completed",
                                "client-3 timed out after PT0.4S",
                                "client-4 completed"),
                        List.of(
                                "client-0 completed",
                                "client-1 completed",
                                "client-2 completed",
                                "client-3 busy since round 1",
                                "client-4 completed"),
                        List.of(
                                "client-0 completed",
                                "client-1 completed",
                                "client-2 completed",
                                "client-3 failed: java.io.IOException: too late",
                                "client-4 completed")),
                heard);
    }

    @Test
    void surplusClientsAreCancelled() {
        ClientId needless = new ClientId("client-2");
        late.mute.add(needless);
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(3, Toy.moves(1, 0, 0)).decorated(late))
                        .selector(ClientSelector.uniform(2))
                        .localTraining(Toy.TRAINING)
                        .runner(runner.withWindow(3))
                        .policy(RoundPolicy.DEFAULT.withOverSelection(0.5))
                        .build()) {
            assertTrue(Toy.outcomes(server.run(Toy.start(), 1)).contains("client-2 surplus"));
        }
        assertEquals(Set.of(needless), late.cancelled);
    }

    /** It comes up where the rule looks at an update, which is not on the transport's thread. */
    @Test
    void theServersFailureEndsTheRunAndIsNotLostInTheTransport() {
        RuntimeException bug = new IllegalStateException("the rule's own");
        Set<String> threads = ConcurrentHashMap.newKeySet();
        DirectAggregator rule = context -> () -> new Aggregation() {
            @Override
            public Optional<String> refusal(ClientUpdate update) {
                threads.add(Thread.currentThread().getName());
                throw bug;
            }

            @Override
            public void add(int position, ClientUpdate update) {}

            @Override
            public Aggregation.Result finish() {
                throw new AssertionError("no update is accepted");
            }
        };
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ScriptedPopulation.of(20, Toy::wanders).decorated(late))
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .build()) {
            assertSame(bug, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1)));
        }
        assertTrue(threads.stream().allMatch(name -> name.startsWith(Threads.OF_RUNNERS)), threads::toString);
    }

    private static ServerState run(ClientProvider clients, InProcessRunner runner, boolean seesEveryUpdate) {
        try (runner;
                FederatedServer server =
                        builder(seesEveryUpdate).clients(clients).runner(runner).build()) {
            return server.run(Toy.start(), 2).state();
        }
    }

    private static ServerBuilder builder(boolean seesEveryUpdate) {
        ServerBuilder builder = seesEveryUpdate
                ? FederatedServer.with(Toy.unlinear(MeanRule.plain()))
                : FederatedServer.with(MeanRule.plain());
        return builder.localTraining(Toy.TRAINING);
    }

    /** One in seven is away, and with them a whole block. */
    private static ClientUpdate sometimesFails(ClientId self, TrainingTask task) throws IOException {
        int number = Integer.parseInt(self.value().substring("client-".length()));
        if (number % 7 == 3 || number / LinearAggregation.BLOCK_SIZE == 2) {
            throw new IOException("away");
        }
        return Toy.wanders(self, task);
    }

    /** Answers when a test says so, and cannot be cancelled. */
    private record DeafClient(ClientId id, CompletableFuture<ClientUpdate> answer) implements NonBlockingClient {

        @Override
        public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
            return answer.minimalCompletionStage();
        }

        @Override
        public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
            throw new UnsupportedOperationException();
        }
    }

    /** The most live threads of runners since this was made, looked at whenever a client is made. */
    private static final class Threads {

        static final String OF_RUNNERS = "fl4j-client-";

        private final Set<Thread> before = live();
        private final AtomicInteger most = new AtomicInteger();

        ClientProvider seenBy(ClientProvider clients) {
            return clients.decorated(client -> {
                Set<Thread> live = live();
                live.removeAll(before);
                most.accumulateAndGet(live.size(), Math::max);
                return client;
            });
        }

        int most() {
            return most.get();
        }

        private static Set<Thread> live() {
            Thread[] all = new Thread[2 * Thread.activeCount() + 100];
            int count = Thread.enumerate(all);
            Set<Thread> live = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < count; i++) {
                if (all[i].getName().startsWith(OF_RUNNERS)) {
                    live.add(all[i]);
                }
            }
            return live;
        }
    }
}
