package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When an abandoned round is attempted again, and what another attempt draws anew. */
@Timeout(60)
class AttemptsInTimeTest {

    /** Minutes 7 and hours 1, 2: what the selector sees is when the attempt begins, which is after the wait. */
    @Test
    void theBackOffDoublesAndPassesInVirtualTime() {
        List<Duration> selections = new ArrayList<>();
        ClientSelector all = new ClientSelector() {
            @Override
            public Selection select(Context context) {
                selections.add(context.time());
                return new Selection(context.population(), Integer.MAX_VALUE, context.state());
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.Other("every client, timed");
            }
        };
        RoundResult end = run(
                plain(fails())
                        .selector(all)
                        .policy(RoundPolicy.DEFAULT.withRetries(2, Duration.ofHours(1)))
                        .runner(VirtualRunner.over(InProcessRunner.of(1), Latency.constant(Duration.ofMinutes(7)))),
                Toy.start(),
                1);

        assertEquals(List.of(Duration.ZERO, Duration.ofMinutes(67), Duration.ofMinutes(67 + 127)), selections);
        assertEquals(Duration.ofMinutes(67 + 127 + 7), end.state().time());
        assertEquals(
                RoundPolicy.Retries.MAX_FACTOR * 3L,
                new RoundPolicy.Retries(99, Duration.ofSeconds(3))
                        .waitBefore(98)
                        .toSeconds());
    }

    /** The state is saved before the wait begins. */
    @Test
    void closeEndsAWaitOnTheRealClock() {
        CompletableFuture<FederatedServer> open = new CompletableFuture<>();
        CheckpointStore store = new CheckpointStore() {
            @Override
            public void save(ServerState state) {
                if (state.attempt() == 1) {
                    open.join().close();
                }
            }

            @Override
            public Optional<ServerState> latest() {
                return Optional.empty();
            }
        };
        FederatedServer server = plain(fails())
                .checkpoints(store)
                .policy(RoundPolicy.DEFAULT.withRetries(1, Duration.ofDays(1)))
                .build();
        open.complete(server);

        assertEquals(
                "the server was closed during a run",
                assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1))
                        .getMessage());
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        List<String> stories = new ArrayList<>();
        for (int threads : new int[] {1, 2, 8}) {
            List<Integer> attempts = new ArrayList<>();
            RoundListener listener = new RoundListener() {
                @Override
                public void roundEnded(RoundResult result) {
                    attempts.add(Toy.report(result).attempts());
                }
            };
            RoundResult end = run(
                    plain(ScriptedPopulation.of(30, Toy::wanders))
                            .clients(Trouble.seeded(3)
                                    .of(0.3, Trouble.crash())
                                    .around(ScriptedPopulation.of(30, Toy::wanders)))
                            .selector(ClientSelector.uniform(10))
                            .policy(RoundPolicy.DEFAULT.withMinUpdates(7).withRetries(9, Duration.ofMinutes(1)))
                            .listeners(listener)
                            .runner(VirtualRunner.over(
                                    InProcessRunner.of(threads), Latency.pareto(Duration.ofMinutes(1), 1.2))),
                    Toy.start(),
                    10);
            assertInstanceOf(RoundResult.Advanced.class, end);
            stories.add(attempts + " " + end.state().time() + " "
                    + end.state().weights().fingerprint());
        }

        assertEquals(stories.get(0), stories.get(1));
        assertEquals(stories.get(0), stories.get(2));
        assertTrue(stories.get(0).contains("2"), stories.get(0));
    }

    /** Otherwise a round that trouble ends would never advance: all clients are asked each time. */
    @Test
    void eachAttemptHasTroubleOfItsOwn() {
        RoundResult end = run(
                FederatedServer.with(MeanRule.plain())
                        .clients(Trouble.seeded(3)
                                .of(0.5, Trouble.crash())
                                .around(ScriptedPopulation.of(4, Toy::wanders)))
                        .localTraining(Toy.TRAINING)
                        .policy(RoundPolicy.DEFAULT.withMinUpdates(4).withRetries(200, Duration.ZERO))
                        .runner(InProcessRunner.of(2)),
                Toy.start(),
                3);

        assertInstanceOf(RoundResult.Advanced.class, end);
    }

    private static ScriptedPopulation fails() {
        return ScriptedPopulation.of(2, (self, task) -> {
            throw new IOException("away");
        });
    }

    private static ServerBuilder plain(ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(2));
    }

    private static RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }
}
