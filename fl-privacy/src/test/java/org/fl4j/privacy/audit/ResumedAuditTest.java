package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Audits of runs that stop and are resumed. Each "process" has an audit of its own; the noise goes on as if it were one. */
@Timeout(60)
class ResumedAuditTest {

    private static final Rehearsal ROUNDS = Rehearsal.of(100, 1);

    @TempDir
    private Path folder;

    private Path file;
    private GaussianMechanism rule;

    @BeforeEach
    void begin() {
        file = folder.resolve("audit");
        rule = SeededNoise.on(ClippedMean.fixed(1), 1, 5);
    }

    private AuditedRun process() {
        return Rehearsal.seeded(PrivacyAudit.canaries(64).guesses(30).recordedIn(file), 8)
                .begin();
    }

    private ServerState run(AuditedRun audit, ServerState from, int rounds) {
        return ROUNDS.run(FederatedServer.with(rule), audit, from, rounds);
    }

    /** To the last bit of the scores. */
    private void requireAsUninterrupted(int rounds, AuditedRun resumed) {
        GaussianMechanism same = SeededNoise.on(ClippedMean.fixed(1), 1, 5);
        AuditedRun audit =
                Rehearsal.seeded(PrivacyAudit.canaries(64).guesses(30), 8).begin();
        ROUNDS.run(FederatedServer.with(same), audit, ROUNDS.start(), rounds);

        assertEquals(audit.evidence(), resumed.evidence());
        assertEquals(rounds, resumed.evidence().rounds());
        assertArrayEquals(sums(audit), sums(resumed));
    }

    private static double[] sums(AuditedRun audit) {
        List<Tally> tallies = audit.record().tallies();
        return tallies.get(tallies.size() - 1).sums();
    }

    @Test
    void inOneProcess() {
        AuditedRun audit = process();
        run(audit, run(audit, ROUNDS.start(), 2), 2);

        requireAsUninterrupted(4, audit);
    }

    @Test
    void inAnotherProcessFromACheckpoint() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("checkpoints"));
        Rehearsal saved = ROUNDS.with(builder -> builder.checkpoints(store));
        saved.run(FederatedServer.with(rule), process(), ROUNDS.start(), 3);
        AuditedRun resumed = process();
        saved.run(FederatedServer.with(rule), resumed, store.latest().orElseThrow(), 3);

        requireAsUninterrupted(6, resumed);
    }

    /** A crash between the checkpoint and the audit's file: the round between is scored when the run goes on. */
    @Test
    void afterACrashBeforeTheFileWasWritten() throws Exception {
        AuditedRun first = process();
        ServerState one = run(first, ROUNDS.start(), 1);
        byte[] behind = Files.readAllBytes(file);
        ServerState two = run(first, one, 1);
        Files.write(file, behind);
        AuditedRun resumed = process();
        run(resumed, two, 2);

        requireAsUninterrupted(4, resumed);
    }

    /** Released twice: the state that the run goes on from is what counts. */
    @Test
    void fromAnEarlierStateThanTheFile() {
        AuditedRun first = process();
        ServerState one = run(first, ROUNDS.start(), 1);
        run(first, one, 2);
        AuditedRun resumed = process();
        run(resumed, one, 1);

        assertEquals(2, resumed.evidence().rounds());
    }

    @Test
    void isVoidWhereScoresAreGone() {
        AuditedRun first = process();
        ServerState two = run(first, ROUNDS.start(), 2);
        AuditedRun other = process();
        ServerState later = run(PrivacyAudit.canaries(64).begin(), two, 3);
        run(other, later, 1);

        assertVoid(other, "the audit is void: it has scores up to round 2, but the run goes on from round 5");
    }

    @Test
    void isVoidForAnotherRun() {
        AuditedRun audit = process();
        run(audit, ROUNDS.start(), 1);
        run(audit, ROUNDS.start(), 1);

        assertTrue(assertThrows(IllegalStateException.class, audit::evidence)
                .getMessage()
                .matches("the audit is void: it is of run \\S+, but run \\S+ started; begin\\(\\) another for that"));
    }

    @Test
    void saysNothingOfARunThatItDidNotHearOf() {
        assertVoid(
                process(),
                "the audit has scored no round; were around(clients) and the audit as a listener given to the server's builder?");
    }

    @Test
    void rejectsAFileOfOtherSettings() {
        process();
        PrivacyAudit other = PrivacyAudit.canaries(64).guesses(32).recordedIn(file);

        assertTrue(assertThrows(IllegalArgumentException.class, other::begin)
                .getMessage()
                .contains("must continue with its settings, "));
    }

    @Test
    void rejectsADamagedFile() throws Exception {
        process();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThrows(CorruptDataException.class, this::process);
    }

    /** The coins are in the auditor's file before the first round, and in no state. */
    @Test
    void coinsSurviveFromTheBeginningOn() {
        CanarySecrets drawn =
                PrivacyAudit.canaries(64).recordedIn(file).begin().record().secrets();
        CanarySecrets read =
                PrivacyAudit.canaries(64).recordedIn(file).begin().record().secrets();

        for (int i = 0; i < 64; i++) {
            assertEquals(drawn.isIn(i), read.isIn(i));
        }
        assertEquals(drawn.seed(), read.seed());
    }

    private static void assertVoid(AuditedRun audit, String message) {
        assertEquals(
                message,
                assertThrows(IllegalStateException.class, audit::evidence).getMessage());
    }
}
