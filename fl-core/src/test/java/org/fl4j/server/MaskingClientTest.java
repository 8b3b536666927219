package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients whose half of a secure rule runs where their data are: the server sees bytes. */
@Timeout(60)
class MaskingClientTest {

    private static final int CLIENTS = 40;
    private static final int STAGES = InsecureForTests.Stage.values().length;

    private final AtomicInteger madeAtTheServer = new AtomicInteger();

    @Test
    void resultEqualsThatOfLocalClientsAndTheServerTrainsNone() {
        ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, Toy::wanders);
        RoundResult here = run(insecure(3), population, 4);
        assertEquals(4 * CLIENTS, madeAtTheServer.getAndSet(0));
        try (FarClients far = FarClients.all(population, insecure(3))) {
            RoundResult elsewhere = run(insecure(3), far, 4);

            assertEquals(here.state(), elsewhere.state());
            assertEquals(Toy.outcomes(here), Toy.outcomes(elsewhere));
            assertEquals(0, far.trainedAtTheServer.get());
            assertEquals(0, madeAtTheServer.get(), "no half of a client is at the server");
            assertEquals(
                    4 * CLIENTS * STAGES + 1,
                    far.asked.get(),
                    "asked for in every stage, held in none, and one asked for objections before the first");
        }
    }

    @Test
    void localAndRemoteClientsMayBeMixed() {
        ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, Toy::wanders);
        RoundResult here = run(insecure(3), population, 2);
        madeAtTheServer.set(0);
        try (FarClients some = FarClients.everyOther(population, insecure(3))) {
            assertEquals(here.state(), run(insecure(3), some, 2).state());
            assertEquals(0, some.trainedAtTheServer.get());
            assertEquals(2 * CLIENTS / 2, madeAtTheServer.get());
        }
    }

    @Test
    void anExceptionOfARemoteClientFailsThatClient() {
        ScriptedPopulation population = threeDirections().but(1, (self, task) -> {
            throw new IOException("away");
        });
        try (FarClients far = FarClients.all(population, insecure(2))) {
            RoundResult result = run(insecure(2), far, 1);

            assertEquals(
                    List.of("client-0 completed", "client-1 failed: java.io.IOException: away", "client-2 completed"),
                    Toy.outcomes(result));
            assertEquals(Toy.weights(3, 0, 3), result.state().weights());
        }
    }

    @Test
    void anUpdateRejectedOnItsSideFailsTheClientWithTheServersMessage() {
        ScriptedPopulation population = threeDirections().but(1, Toy.moves(0, Double.NaN, 0));
        try (FarClients far = FarClients.all(population, insecure(2))) {
            RoundResult result = run(insecure(2), far, 1);

            assertEquals(
                    "client-1 rejected: client 'client-1', round 1: delta is not finite at"
                            + " coordinate 1, of parameter 'W'; did local training diverge at learning rate 0.5?",
                    Toy.outcomes(result).get(1));
            assertEquals(Toy.weights(3, 0, 3), result.state().weights());
        }
    }

    @Test
    void aRoundThatEndsEarlyDoesNotChangeTheNextOne() {
        WatchedSecure farRule = WatchedSecure.of(insecure(3));
        ScriptedPopulation population = threeDirections().but(2, (self, task) -> {
            if (task.round() == 1) {
                throw new IOException("away");
            }
            return Toy.moves(0, 0, 6).train(self, task);
        });
        FarClients far = FarClients.all(population, farRule);
        RoundResult.Abandoned first = assertInstanceOf(RoundResult.Abandoned.class, run(insecure(3), far, 1));
        assertEquals(
                "round 1: 2 of 3 clients are left after MASKED_INPUT but the threshold is 3; the first that was lost is"
                        + " client 'client-2' failed: java.io.IOException: away",
                first.reason());
        assertEquals(3, farRule.open().get(), "nobody told them that the round is over");

        RoundResult second = run(insecure(3), far, 2);

        assertEquals(Toy.weights(2, 2, 2), second.state().weights());
        assertEquals(3, farRule.open().get(), "the halves of earlier rounds are closed");
        far.close();
        assertEquals(0, farRule.open().get());
    }

    @Test
    void rejectsANullAnswer() {
        assertEquals(
                "client-1 rejected: client 'client-1', round 1: answer returned null, not bytes",
                second(ask -> masking((task, message) -> null)));
    }

    @Test
    void aDecoratorThatHidesAMaskingClientGetsNoClearUpdate() {
        assertEquals(
                "client-1 failed: java.lang.IllegalStateException: client 'client-1', round 1: it sends its update under a secure"
                        + " rule only; is the rule another, or does a decorator hide that this is a MaskingClient?",
                second(ask -> plain(task -> masking((t, message) -> message).train(task))));
    }

    @Test
    void aProviderThatReturnsAnotherTypeLaterGetsNoClearUpdate() {
        AtomicInteger trained = new AtomicInteger();
        String outcome = second(ask -> ask == 1
                ? plain(task -> {
                    throw new AssertionError("not asked to train as yet");
                })
                : new Masking((task, message) -> message) {
                    @Override
                    public ClientUpdate train(TrainingTask task) {
                        trained.incrementAndGet();
                        return ClientUpdate.of(id(), task, Toy.delta(0, 6, 0), 1);
                    }
                });

        assertEquals(
                "client-1 failed: java.lang.IllegalStateException: client 'client-1', round 1: it was not a MaskingClient when"
                        + " the round began and is now; a client's kind must not change within a round",
                outcome);
        assertEquals(0, trained.get());
    }

    /** What becomes of client-1, of which the provider makes something of its own each time it is asked. */
    private String second(Function<Integer, Client> client) {
        AtomicInteger asked = new AtomicInteger();
        ScriptedPopulation others = threeDirections();
        ClientProvider population = ClientProvider.of(
                others.ids(),
                id -> id.value().equals("client-1") ? client.apply(asked.incrementAndGet()) : others.client(id));
        RoundResult result = run(insecure(2), population, 1);
        assertEquals(Toy.weights(3, 0, 3), result.state().weights());
        return Toy.outcomes(result).get(1);
    }

    private static InsecureForTests insecure(int threshold) {
        return InsecureForTests.on(MeanRule.plain(), threshold);
    }

    private static ScriptedPopulation threeDirections() {
        return ScriptedPopulation.of(3, Toy.moves(6, 0, 0))
                .but(1, Toy.moves(0, 6, 0))
                .but(2, Toy.moves(0, 0, 6));
    }

    private RoundResult run(SecureAggregator rule, ClientProvider population, int rounds) {
        WatchedSecure counted = WatchedSecure.of(rule).withParticipants(participant -> {
            madeAtTheServer.incrementAndGet();
            return participant;
        });
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(counted)
                        .clients(population)
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .build()) {
            return server.run(Toy.start(), rounds);
        }
    }

    private static Client plain(Training training) {
        return new Client() {
            @Override
            public ClientId id() {
                return new ClientId("client-1");
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                return training.train(task);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                throw new UnsupportedOperationException("no evaluation");
            }
        };
    }

    private static Masking masking(Answering answering) {
        return new Masking(answering);
    }

    private interface Training {
        ClientUpdate train(TrainingTask task) throws Exception;
    }

    private interface Answering {
        byte[] answer(TrainingTask task, byte[] message);
    }

    private static class Masking implements MaskingClient {

        private final Answering answering;

        Masking(Answering answering) {
            this.answering = answering;
        }

        @Override
        public ClientId id() {
            return new ClientId("client-1");
        }

        @Override
        public byte[] answer(TrainingTask task, byte[] message) {
            return answering.answer(task, message);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            throw new UnsupportedOperationException("no evaluation");
        }
    }
}
