package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Trouble;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that are called again when their call fails, with a thread and without. */
@Timeout(60)
class RetryTest {

    enum Kind {
        BLOCKING,
        NON_BLOCKING
    }

    private final LateClients late = new LateClients(Duration.ofMillis(1));
    private final Map<ClientId, AtomicInteger> calls = new ConcurrentHashMap<>();

    @AfterEach
    void endTransport() {
        late.close();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatFailsTwiceSendsWhatItWouldHaveSentAtOnce(Kind kind) {
        ScriptedPopulation population = ScriptedPopulation.of(20, Toy::wanders);
        ClientProvider troubled = Trouble.seeded(1)
                .of(0.5, call -> {
                    if (count(call.client()) % 3 != 0) {
                        throw new IOException("no connection");
                    }
                    return call.client().train(call.task());
                })
                .around(population);

        assertEquals(
                run(population, 2).state(),
                run(kind(troubled, kind).retrying(2, Duration.ofMillis(1)), 2).state());
        assertTrue(calls.size() > 5 && calls.size() < 20);
    }

    /** The trouble of a round is the same for each call. */
    @ParameterizedTest
    @EnumSource
    void theLastFailureIsTheClients(Kind kind) {
        ClientId crashing = new ClientId("client-1");
        Trouble trouble = Trouble.seeded(1).of(Set.of(crashing), call -> {
            count(call.client());
            return Trouble.crash().train(call);
        });
        ClientProvider clients = trouble.around(ScriptedPopulation.of(3, Toy.moves(1, 0, 0)));

        RoundResult result = run(kind(clients, kind).retrying(3, Duration.ZERO), 1);

        assertEquals(
                List.of(
                        "client-0 completed",
                        "client-1 failed: org.fl4j.simulation.Trouble$CrashException: client 'client-1', round 1: a crash on"
                                + " purpose, before training",
                        "client-2 completed"),
                Toy.outcomes(result));
        assertEquals(4, calls.get(crashing).get());
    }

    @ParameterizedTest
    @EnumSource
    void rejectionsAndErrorsAreFinal(Kind kind) {
        ClientProvider clients = ScriptedPopulation.of(3, Toy.moves(1, 0, 0))
                .but(0, (self, task) -> {
                    count(self);
                    throw new UpdateRejectedException("too large");
                })
                .but(1, (self, task) -> {
                    count(self);
                    return ClientUpdate.of(self, task, Toy.delta(Double.NaN, 0, 0), 1);
                })
                .but(2, (self, task) -> {
                    count(self);
                    throw new IllegalStateException("wrapped", new InterruptedException());
                });

        run(kind(clients, kind).retrying(3, Duration.ZERO), 1);

        assertEquals(3, calls.size());
        calls.forEach((id, count) -> assertEquals(1, count.get(), id::value));
    }

    /** The pause is longer than the round: it ends with the deadline, and nobody is called in a later round's time. */
    @ParameterizedTest
    @EnumSource
    void thePauseEndsWithTheRound(Kind kind) throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        ClientProvider clients = ScriptedPopulation.of(2, Toy.moves(1, 0, 0)).but(1, (self, task) -> {
            count(self);
            called.countDown();
            throw new IOException("away");
        });
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(kind(clients, kind).retrying(3, Duration.ofMillis(250)))
                        .localTraining(Toy.TRAINING)
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(150)))
                        .runner(runner)
                        .build()) {
            assertEquals(
                    List.of("client-0 completed", "client-1 timed out after PT0.15S"),
                    Toy.outcomes(server.run(Toy.start(), 1)));
            called.await();
            while (runner.abandoned() > 0) {
                Thread.onSpinWait();
            }
        }
        assertEquals(1, calls.get(new ClientId("client-1")).get());
    }

    /** What it remembers is staged by each call and the last one counts. */
    @ParameterizedTest
    @EnumSource
    void aClientThatRemembersMayHaveTrainedBefore(Kind kind) {
        Set<String> crashed = Collections.newSetFromMap(new ConcurrentHashMap<>());
        UnaryOperator<ClientProvider> troubled = clients -> Trouble.seeded(1)
                .of(
                        1,
                        call -> crashed.add(
                                        call.client().id() + " " + call.task().round())
                                ? Trouble.crashAfterTraining().train(call)
                                : call.client().train(call.task()))
                .around(clients);
        try (ClientStateStore states = ClientStateStore.inMemory();
                InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = RememberingRun.builder(
                                states,
                                clients -> kind(troubled.apply(clients), kind).retrying(1, Duration.ZERO))
                        .runner(runner)
                        .build()) {
            assertEquals(
                    RememberingRun.undisturbed(6), server.run(Toy.start(), 6).state());
        }
        assertEquals(12, crashed.size());
    }

    @Test
    void anEndOfAProtocolIsLeftAsItIs() {
        MaskingClient masking = new MaskingClient() {
            @Override
            public ClientId id() {
                return new ClientId("client-0");
            }

            @Override
            public byte[] answer(TrainingTask task, byte[] message) {
                return message;
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        };
        ClientProvider clients = ClientProvider.of(List.of(masking.id()), id -> masking);
        assertSame(masking, clients.retrying(1, Duration.ZERO).client(masking.id()));
    }

    @Test
    void rangesAreChecked() {
        ClientProvider clients = ScriptedPopulation.of(1, Toy::wanders);
        Stream.of(Duration.ofNanos(-1), Duration.ofDays(2))
                .forEach(pause -> assertEquals(
                        "backOff must be from 0 to PT24H, but was " + pause,
                        assertThrows(IllegalArgumentException.class, () -> clients.retrying(1, pause))
                                .getMessage()));
        assertThrows(IllegalArgumentException.class, () -> clients.retrying(0, Duration.ZERO));
    }

    private int count(Client client) {
        return count(client.id());
    }

    private int count(ClientId id) {
        return calls.computeIfAbsent(id, any -> new AtomicInteger()).incrementAndGet();
    }

    private ClientProvider kind(ClientProvider clients, Kind kind) {
        return kind == Kind.NON_BLOCKING ? clients.decorated(late) : clients;
    }

    private static RoundResult run(ClientProvider clients, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(clients)
                        .localTraining(Toy.TRAINING)
                        .runner(runner.withWindow(20))
                        .build()) {
            return server.run(Toy.start(), rounds);
        }
    }
}
