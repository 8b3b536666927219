package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.JournalRecord.Charge;
import org.fl4j.privacy.dp.JournalRecord.Head;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attempts at one round: each is charged, also where a crash cuts it off, and has keys of its own. */
@Timeout(60)
class AttemptsTest {

    private static final List<ClientId> CLIENTS = ClientId.numbered("patient-", 6);
    private static final ServerState START = ServerState.initial(Releases.start(2), 1);
    private static final HexFormat HEX = HexFormat.of();
    private static final int SIGNATURE_BYTES = 64;

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path folder;

    /** Killed when the first attempt is charged and abandoned, and before that is saved. */
    @Test
    void everyAttemptIsInTheJournalAlsoOneThatACrashCutOff() throws IOException {
        Path journal = folder.resolve("journal");
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 2).journal(journal);
        CheckpointStore store = CheckpointStore.in(folder.resolve("checkpoints"));
        ServerBuilder builder = FederatedServer.with(rule)
                .clients(ClientProvider.of(CLIENTS, AttemptsTest::awayUntilTheThirdAttempt))
                .localTraining(LocalTraining.epochs(1))
                .participationCountsArePublic()
                .policy(RoundPolicy.DEFAULT.withMinUpdates(1).withRetries(2, Duration.ZERO));
        assertThrows(Killed.class, () -> run(builder.checkpoints(killedAtTheFirstRetry(store)), START));
        RoundResult end = run(builder.checkpoints(store), store.latest().orElseThrow());

        assertTrue(end instanceof RoundResult.Advanced, end::toString);
        assertEquals(List.of("round 1, 0", "round 1, 0", "round 1, 1", "round 1, 2"), charges(journal));
        PrivacyStatement statement = rule.statement(end.state().ledger(), 1e-5);
        assertEquals(4, statement.rounds());
        assertTrue(statement.journaled());
    }

    @Test
    void aSecureAttemptAbandonedBeforeUnmaskIsRepeatedWithFreshKeys() {
        Wire wire = new Wire(0);
        RoundResult end = run(wire.server(), START);

        assertTrue(end instanceof RoundResult.Advanced, end::toString);
        List<RoundAnnouncement> announced = wire.announcements();
        assertEquals(
                List.of(0, 1),
                announced.stream()
                        .map(each -> RoundContext.PublicPart.fromBytes(
                                        each.context().shared())
                                .attempt())
                        .toList());
        assertNotEquals(
                HEX.formatHex(announced.get(0).agreementKey().shared()),
                HEX.formatHex(announced.get(1).agreementKey().shared()));
        assertNotEquals(
                HEX.formatHex(announced.get(0).signatureKey().shared()),
                HEX.formatHex(announced.get(1).signatureKey().shared()));
        wire.sealed.values().forEach(keys -> {
            assertEquals(2, keys.size());
            assertFalse(Arrays.equals(keys.get(0), keys.get(1)), "keys of a client");
        });
    }

    @Test
    void aSecureAttemptThatBeganToUnmaskIsNotRepeated() {
        Wire wire = new Wire(4);
        RoundResult.Abandoned end = (RoundResult.Abandoned) run(wire.server(), START);

        assertEquals(1, end.report().attempts());
        assertEquals(1, end.state().round());
        assertEquals(0, end.state().attempt());
        assertEquals(1, wire.announcements().size());
    }

    private static CheckpointStore killedAtTheFirstRetry(CheckpointStore store) {
        return new CheckpointStore() {
            @Override
            public void save(ServerState state) {
                if (state.attempt() == 1) {
                    throw new Killed();
                }
                store.save(state);
            }

            @Override
            public Optional<ServerState> latest() {
                return store.latest();
            }
        };
    }

    private static List<String> charges(Path journal) throws IOException {
        byte[] bytes = Files.readAllBytes(journal);
        List<String> charges = new ArrayList<>();
        for (int at = (int) Head.length(bytes); at < bytes.length; at += Charge.LENGTH) {
            Charge charge = Charge.fromBytes(Arrays.copyOfRange(bytes, at, at + Charge.LENGTH));
            charges.add("round " + charge.round() + ", " + charge.attempt());
        }
        return charges;
    }

    private static RoundResult run(ServerBuilder builder, ServerState from) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = builder.runner(runner).build()) {
            return server.run(from, 1);
        }
    }

    private static Client awayUntilTheThirdAttempt(ClientId id) {
        return client(id, 2);
    }

    private static Client client(ClientId id, int awayUntil) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws IOException {
                if (task.attempt() < awayUntil) {
                    throw new IOException("away");
                }
                return ClientUpdate.of(id, task, ModelDelta.of(Fixtures.layout(2), 0.25, -0.5), 3);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return Evaluation.NONE;
            }
        };
    }

    /** A transport that keeps what it carries; the n-th answer of the first attempt is lost, or none if n is 0. */
    private static final class Wire {

        private final SecureSum rule = SecureSum.on(ClippedMean.fixed(1));
        private final Map<ClientId, ParticipantSession> sessions = new ConcurrentHashMap<>();
        private final Map<ClientId, AtomicInteger> answers = new ConcurrentHashMap<>();
        private final List<byte[]> first = new ArrayList<>();

        /** By client and attempt. */
        final Map<ClientId, Map<Integer, byte[]>> sealed = new ConcurrentHashMap<>();

        private final int lost;

        Wire(int lost) {
            this.lost = lost;
            for (ClientId id : CLIENTS) {
                sessions.put(id, ParticipantSession.of(rule, client(id, lost == 0 ? 1 : 0)));
                answers.put(id, new AtomicInteger());
                sealed.put(id, new ConcurrentHashMap<>());
            }
        }

        ServerBuilder server() {
            return FederatedServer.with(rule)
                    .clients(ClientProvider.of(CLIENTS, this::far))
                    .localTraining(LocalTraining.epochs(1))
                    .policy(RoundPolicy.DEFAULT.withRetries(2, Duration.ZERO));
        }

        List<RoundAnnouncement> announcements() {
            return first.stream()
                    .map(message ->
                            RoundAnnouncement.fromBytes(Arrays.copyOf(message, message.length - SIGNATURE_BYTES)))
                    .toList();
        }

        private Client far(ClientId id) {
            return new MaskingClient() {
                @Override
                public ClientId id() {
                    return id;
                }

                @Override
                public byte[] answer(TrainingTask task, byte[] message) throws Exception {
                    boolean begins = sealed.get(id).get(task.attempt()) == null;
                    if (begins && id.equals(CLIENTS.get(0))) {
                        first.add(message);
                    }
                    byte[] answer = sessions.get(id).answer(task, message);
                    if (begins) {
                        sealed.get(id).put(task.attempt(), answer);
                    }
                    if (answers.get(id).incrementAndGet() == lost) {
                        throw new IOException("lost on the way");
                    }
                    return answer;
                }

                @Override
                public Evaluation evaluate(EvaluationTask task) {
                    return Evaluation.NONE;
                }
            };
        }
    }
}
