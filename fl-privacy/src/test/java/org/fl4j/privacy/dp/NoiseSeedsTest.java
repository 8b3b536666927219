package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.fl4j.CorruptDataException;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each round has one seed, which outlives a crash, and no seed is for two sums. */
class NoiseSeedsTest {

    private static final String PLAN = "0123456789abcdef".repeat(2);
    private static final RunId RUN = Journals.run(1);

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("privacy.journal.seeds");
    }

    @Test
    void areTheSameAfterAResume() {
        NoiseSeeds before = played(3);
        NoiseSeeds after = opened(RUN, Drawn.EARLIER, 3);

        for (int round = 1; round <= 3; round++) {
            assertArrayEquals(before.key(round), after.key(round));
        }
        assertFalse(Arrays.equals(after.key(1), after.key(2)));
        after.admit(4, PLAN);
        assertEquals(AesCtrBits.KEY_BYTES, after.key(4).length);
    }

    /** As a crash leaves it that came after the seed was drawn: the round was played. */
    @Test
    void ofARoundThatTheStateDoesNotKnowAreThere() {
        played(3);
        NoiseSeeds after = opened(RUN, Drawn.EARLIER, 2);

        assertTrue(after.has(3));
        assertFalse(after.has(4));
        assertEquals(
                "round 3 cannot draw noise after round 3 of the rule; do two runs share it?",
                assertThrows(IllegalStateException.class, () -> after.admit(3, PLAN))
                        .getMessage());
    }

    @Test
    void areUsedOnceAndAfterAdmission() {
        NoiseSeeds seeds = played(1);
        String used =
                "round 1: its noise was not admitted by the guard, or was drawn already; the same noise on two sums would"
                        + " show their difference";

        seeds.use(1);
        assertEquals(
                used,
                assertThrows(IllegalStateException.class, () -> seeds.use(1)).getMessage());
        NoiseSeeds resumed = opened(RUN, Drawn.EARLIER, 1);
        assertEquals(
                used,
                assertThrows(IllegalStateException.class, () -> resumed.use(1)).getMessage());
        assertThrows(IllegalStateException.class, () -> seeds.key(2));
    }

    @Test
    void areOfOnePlan() {
        NoiseSeeds seeds = played(2);
        assertEquals(
                "round 3: rule, noise, plan, or what a client's contribution is bounded by differ from round 1; the"
                        + " guarantee of a matrix mechanism is one for all rounds of a run",
                assertThrows(IllegalStateException.class, () -> seeds.admit(3, "f".repeat(32)))
                        .getMessage());
        assertFalse(seeds.has(3));
    }

    @Test
    void ofAnotherRunAreRejected() throws IOException {
        played(2);
        byte[] bytes = Files.readAllBytes(file);
        NoiseSeeds other = NoiseSeeds.onHeap().inFile(file, NoiseSeeds.Start.AS_IT_IS);
        String message = assertThrows(
                        GaussianMechanism.JournalException.class, () -> other.open(Journals.run(2), Drawn.NOW, 0))
                .getMessage();

        assertEquals(
                "the seeds of noise in " + file
                        + " are another run's; are path and volume right? A run without its seeds" + " cannot go on",
                message);
        assertArrayEquals(bytes, Files.readAllBytes(file));
        NoiseSeeds over = NoiseSeeds.onHeap().inFile(file, NoiseSeeds.Start.OVER);
        over.open(Journals.run(2), Drawn.NOW, 0);
        assertTrue(over.isUnused());
    }

    @Test
    void thatAreMissingOrOlderThanTheStateAreRejected() throws IOException {
        played(1);
        byte[] old = Files.readAllBytes(file);
        Files.delete(file);
        assertTrue(assertThrows(GaussianMechanism.JournalException.class, () -> opened(RUN, Drawn.EARLIER, 1))
                .getMessage()
                .startsWith("the seeds of noise in " + file + " are missing"));
        Files.write(file, old);

        assertEquals(
                "run " + RUN + " has 2 rounds, but there is no seed of the noise of round 2 in " + file
                        + "; is it an older copy?; without it the noise of later rounds is not that of the plan, so the run"
                        + " cannot go on",
                assertThrows(GaussianMechanism.JournalException.class, () -> opened(RUN, Drawn.EARLIER, 2))
                        .getMessage());
    }

    /** A run that crashed before its first round left a file that nobody used. */
    @Test
    void ofARunThatNeverBeganAreReplaced() {
        opened(RUN, Drawn.NOW, 0);
        RunId second = Journals.run(2);
        NoiseSeeds next = opened(second, Drawn.NOW, 0);
        next.admit(1, PLAN);
        assertArrayEquals(next.key(1), opened(second, Drawn.EARLIER, 1).key(1));
    }

    @Test
    void changedByAnotherWriterAreRejected() {
        NoiseSeeds one = played(1);
        NoiseSeeds other = opened(RUN, Drawn.EARLIER, 1);
        one.admit(2, PLAN);

        assertTrue(assertThrows(GaussianMechanism.JournalException.class, () -> other.admit(2, PLAN))
                .getMessage()
                .contains("is the same run running twice?"));
        one.admit(3, PLAN);
        assertTrue(opened(RUN, Drawn.EARLIER, 1).has(3));
    }

    /** Any part of the last record, and the zeros that a file system may leave in its place. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 60, 90})
    void tornByACrashGoOn(int arrived) throws IOException {
        played(2);
        byte[] whole = Files.readAllBytes(file);
        int record = SeedFile.Seed.LENGTH;
        byte[] torn = Arrays.copyOf(whole, whole.length - record + arrived);
        for (byte[] left :
                new byte[][] {torn, Arrays.copyOf(torn, whole.length), Arrays.copyOf(torn, whole.length + 9)}) {
            Files.write(file, left);
            NoiseSeeds after = opened(RUN, Drawn.EARLIER, 1);
            assertFalse(after.has(2));
            after.admit(2, PLAN);
            assertEquals(whole.length, Files.size(file));
            assertArrayEquals(after.key(2), opened(RUN, Drawn.EARLIER, 2).key(2));
        }
    }

    @Test
    void thatAreDamagedAreRejected() throws IOException {
        played(2);
        byte[] bytes = Files.readAllBytes(file);
        for (int at : new int[] {10, bytes.length - 2 * SeedFile.Seed.LENGTH + 40, bytes.length - 20}) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            assertThrows(CorruptDataException.class, () -> opened(RUN, Drawn.EARLIER, 2), "byte " + at);
        }
    }

    @Test
    void onTheHeapEndWithTheirProcess() {
        NoiseSeeds seeds = NoiseSeeds.onHeap();
        seeds.open(RUN, Drawn.NOW, 0);
        seeds.admit(1, PLAN);
        seeds.open(RUN, Drawn.EARLIER, 1);
        seeds.admit(2, PLAN);

        assertEquals(
                "run " + RUN
                        + " has 2 rounds, but there is no seed of the noise of round 1 on the heap; were they drawn by"
                        + " another process, or another instance? A run that is to be resumed needs journal(...); without"
                        + " it the noise of later rounds is not that of the plan, so the run cannot go on",
                assertThrows(
                                GaussianMechanism.JournalException.class,
                                () -> NoiseSeeds.onHeap().open(RUN, Drawn.EARLIER, 2))
                        .getMessage());
        assertThrows(
                IllegalStateException.class, () -> NoiseSeeds.onHeap().admit(1, PLAN), "of a run that nobody named");
    }

    @Test
    void areTheOwnersAlone() throws IOException {
        played(1);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        assertEquals("Seed[round=3]", SeedFile.Seed.of(3, PLAN, new byte[32]).toString());
    }

    private NoiseSeeds played(int rounds) {
        NoiseSeeds seeds = opened(RUN, Drawn.NOW, 0);
        for (int round = 1; round <= rounds; round++) {
            seeds.admit(round, PLAN);
        }
        return seeds;
    }

    private NoiseSeeds opened(RunId run, Drawn drawn, int round) {
        NoiseSeeds seeds = NoiseSeeds.onHeap().inFile(file, NoiseSeeds.Start.AS_IT_IS);
        seeds.open(run, drawn, round);
        return seeds;
    }
}
