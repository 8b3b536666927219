package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.dp.JournalRecord.Charge;
import org.fl4j.privacy.dp.JournalRecord.Head;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was charged stays charged, whatever happens to the process; what no crash can leave behind is damage. */
@Timeout(120)
class ReleaseJournalTest {

    private static final ChargedRelease EVENT =
            ChargedRelease.of(PrivacyEvent.unsampled(2).poisson(0.25), RoundContext.CohortVisibility.MEMBERS);
    private static final String OWNER = "00112233445566778899aabbccddeeff";
    private static final Head HEAD = Head.ofRun(OWNER, "a run", LedgerState.NONE, true);
    private static final int HEAD_LENGTH = HEAD.toBytes().length;

    /** Of the first record: {@code FL4J}, the length of its kind, and its kind. */
    private static final int KIND_END = 4 + 4 + "privacy-journal".length();

    @TempDir
    private Path folder;

    @Test
    void remembersEveryRound() {
        JournalFile journal = new JournalFile(folder.resolve("privacy.journal"));
        journal.create(HEAD);
        for (int round = 1; round <= 5; round++) {
            append(journal, round, round == 3 ? ChargedRelease.unsampled(7) : EVENT);
        }
        ChargedReleases expected = ChargedReleases.NONE.plus(EVENT, 4).plus(ChargedRelease.unsampled(7), 1);

        assertEquals(expected, journal.read().content().spent());
        assertEquals(expected, spent(journal));
        assertEquals(expected, journal.read().content().spentBy(OWNER));
        assertEquals(HEAD, journal.read().content().head());
    }

    /**
     * A crash can cut the last record anywhere, and leave zeros where the rest should be or further on: its round never drew
     * noise. What is appended next is whole. A journal whose head is cut is none.
     */
    @Test
    void cutsOffATornRecord() throws Exception {
        byte[] bytes = Files.readAllBytes(twoRounds().path());
        assertEquals(HEAD_LENGTH + 2 * Charge.LENGTH, bytes.length);
        for (int length = 0; length <= bytes.length; length++) {
            for (int zeros : new int[] {0, 1, Charge.LENGTH, 4096}) {
                if (zeros > 0 && isJustBeforeAnEnd(length)) {
                    // Too few zeros to be sure: not repaired.
                    continue;
                }
                byte[] torn = Arrays.copyOf(Arrays.copyOf(bytes, length), length + zeros);
                JournalFile file = file("torn-" + length + "-" + zeros, torn);
                if (length < HEAD_LENGTH) {
                    assertFalse(file.exists(), "cut at " + length);
                    assertThrows(GaussianMechanism.JournalException.class, file::open);
                    file.create(HEAD);
                    assertEquals(0, spent(file).rounds());
                } else {
                    int whole = (length - HEAD_LENGTH) / Charge.LENGTH;
                    assertEquals(whole, file.read().content().spent().rounds(), "cut at " + length + ", " + zeros);
                    assertEquals(length + zeros, Files.size(file.path()), "reading repairs nothing");
                    append(file, 9, EVENT);
                    assertEquals(whole + 1, spent(new JournalFile(file.path())).rounds(), "cut at " + length);
                    assertEquals(HEAD_LENGTH + (whole + 1L) * Charge.LENGTH, Files.size(file.path()));
                }
            }
        }
    }

    /** Whether a cut is in the last 7 bytes of the head or of a record. */
    private static boolean isJustBeforeAnEnd(int length) {
        return Math.floorMod(length - HEAD_LENGTH, Charge.LENGTH) >= Charge.LENGTH - 7;
    }

    /** The head is one write: cut anywhere, nothing was charged here and the file counts as missing. */
    @Test
    void treatsATornHeadAsAMissingJournal() throws Exception {
        ChargedReleases carried = ChargedReleases.NONE.plus(EVENT, 3).plus(ChargedRelease.unsampled(7), 2);
        LedgerState state = new LedgerState(carried, "00000000000000000000000000000001");
        Head head = Head.ofRun(OWNER, "a run", state, false);
        byte[] bytes = head.toBytes();
        for (int length = 0; length < bytes.length; length++) {
            JournalFile cut = file("cut", Arrays.copyOf(bytes, length));
            assertFalse(cut.exists(), "cut at " + length);
            assertThrows(GaussianMechanism.JournalException.class, cut::read, "cut at " + length);
        }
        JournalFile whole = file("whole", bytes);
        append(whole, 6, EVENT);
        assertEquals(head, whole.read().content().head());
        assertEquals(carried.plus(EVENT, 1), whole.read().content().spent());
        assertTrue(whole.read().has(state.journal()));
    }

    @Test
    void rejectsADamagedByteAnywhere() throws Exception {
        byte[] bytes = Files.readAllBytes(twoRounds().path());
        for (int at = 0; at < bytes.length; at++) {
            for (int change : bytes[at] == 0 ? new int[] {0x01, 0x10, 0x80} : new int[] {0x01, 0x10, 0x80, bytes[at]}) {
                byte[] damaged = bytes.clone();
                damaged[at] ^= (byte) change;
                JournalFile file = file("journal", damaged);
                int place = at;
                CorruptDataException refused =
                        assertThrows(CorruptDataException.class, file::read, () -> "byte " + place + " ^ " + change);
                String what = at < HEAD_LENGTH ? "its head" : "record " + (1 + (at - HEAD_LENGTH) / Charge.LENGTH);
                assertEquals(
                        at < KIND_END
                                ? file.path() + " is not a privacy journal"
                                : file.path() + ": " + what
                                        + " is damaged; what was spent is not known, so no round can run",
                        refused.getMessage());
                assertThrows(CorruptDataException.class, file::open);
            }
        }
        assertEquals(
                "a diary of something else",
                Files.readString(refusesAs("a diary of something else", " is not a privacy journal")));
    }

    /** Each record is whole, but the chain is not: one is missing, repeated or of another journal. */
    @Test
    void rejectsRecordsOutOfChain() throws Exception {
        byte[] bytes = Files.readAllBytes(twoRounds().path());
        byte[] head = Arrays.copyOf(bytes, HEAD_LENGTH);
        byte[] first = Arrays.copyOfRange(bytes, HEAD_LENGTH, HEAD_LENGTH + Charge.LENGTH);
        byte[] second = Arrays.copyOfRange(bytes, HEAD_LENGTH + Charge.LENGTH, bytes.length);
        byte[] otherHead = Head.ofRun(OWNER, "a run", LedgerState.NONE, true).toBytes();
        int n = 0;
        for (List<byte[]> parts : List.of(
                List.of(head, second),
                List.of(head, second, first),
                List.of(head, first, first),
                List.of(otherHead, first, second))) {
            JournalFile file = file("unchained-" + n++, joined(parts));
            String message =
                    assertThrows(CorruptDataException.class, file::read).getMessage();
            assertTrue(
                    message.endsWith(
                            " does not follow the record before; what was spent is not known, so no round can run"),
                    message);
        }
        assertEquals(
                2,
                file("whole", joined(List.of(head, first, second)))
                        .read()
                        .content()
                        .spent()
                        .rounds());
    }

    /** As a folder in its place, one that is a file on the way, or one that is not there. */
    @Test
    void rejectsTheRoundIfTheJournalCannotBeWritten() throws Exception {
        Path inTheWay = Files.writeString(folder.resolve("file"), "text");
        for (Path file : List.of(folder, inTheWay.resolve("journal"), folder.resolve("unmounted/journal"))) {
            PrivacyLedger ledger = PrivacyLedger.of(2).journal(file, Wanted.OF_THIS_RUN);
            for (int again = 0; again < 2; again++) {
                assertEquals(
                        "the privacy journal " + file + " cannot be read or written",
                        assertThrows(UncheckedIOException.class, () -> {
                                    ledger.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
                                    ledger.admit(Releases.context(1, 9), ComponentState.EMPTY);
                                })
                                .getMessage());
            }
        }
        refusesAs("text", " is not a privacy journal");
        assertFalse(Files.exists(folder.resolve("unmounted")), "no folder is made");
    }

    /** Between rounds only its end is looked at: that a record in the middle is damaged shows when it is read again. */
    @Test
    void readsOnlyTheLastRecordInARound() throws Exception {
        JournalFile journal = twoRounds();
        append(journal, 3, EVENT);
        byte[] bytes = Files.readAllBytes(journal.path());
        bytes[HEAD_LENGTH + 30] ^= 1;
        Files.write(journal.path(), bytes);
        append(journal, 4, EVENT);

        assertThrows(CorruptDataException.class, journal::read);
        assertThrows(CorruptDataException.class, () -> new JournalFile(journal.path()).open());
    }

    @Test
    void rejectsTheLaterOfTwoWriters() {
        JournalFile one = twoRounds();
        JournalFile other = new JournalFile(one.path());
        assertEquals(2, spent(other).rounds());
        append(other, 3, EVENT);
        for (int again = 0; again < 2; again++) {
            assertEquals(
                    "the privacy journal " + one.path()
                            + " was written or replaced by another writer since this run read it; two runs must not share a"
                            + " journal. Is the same run running twice?",
                    assertThrows(GaussianMechanism.JournalException.class, () -> append(one, 3, EVENT))
                            .getMessage());
        }
        append(other, 4, EVENT);
        assertEquals(4, one.read().content().spent().rounds(), "reading is free to all");
    }

    @Test
    void rejectsAJournalRemovedOrReplacedBetweenRounds() throws Exception {
        JournalFile journal = twoRounds();
        byte[] before = Files.readAllBytes(journal.path());
        append(journal, 3, EVENT);
        Files.write(journal.path(), before);
        assertThrows(GaussianMechanism.JournalException.class, () -> append(journal, 4, EVENT));
        append(new JournalFile(journal.path()), 3, EVENT);
        assertThrows(GaussianMechanism.JournalException.class, () -> append(journal, 4, EVENT), "of the same length");
        Files.delete(journal.path());
        assertThrows(GaussianMechanism.JournalException.class, () -> append(journal, 4, EVENT));
        assertFalse(Files.exists(journal.path()));
    }

    /** A file longer than any array: the error is the JVM's, and not that of the rounds that come after. */
    @Test
    void releasesTheLockAfterAnError() throws Exception {
        Path file = folder.resolve("journal");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(Integer.MAX_VALUE);
        }
        CompletableFuture<JournalFile.Open> failed = CompletableFuture.supplyAsync(
                () -> new JournalFile(file).open(), runnable -> new Thread(runnable).start());
        assertInstanceOf(
                OutOfMemoryError.class,
                assertThrows(ExecutionException.class, failed::get).getCause());
        Files.write(file, HEAD.toBytes());

        append(new JournalFile(file), 1, EVENT);
    }

    @Test
    void releasesTheLockIfClosingFails() {
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        IllegalStateException cause = new IllegalStateException();
        JournalFile.letGo(
                () -> {
                    throw new IOException("the disk is gone");
                },
                lock,
                cause);

        assertFalse(lock.isLocked());
        assertEquals("the disk is gone", cause.getSuppressed()[0].getMessage());
    }

    @Test
    void anInterruptChargesNothing() {
        PrivacyLedger ledger = PrivacyLedger.of(2).journal(folder.resolve("journal"), Wanted.OF_THIS_RUN);
        ledger.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        Thread.currentThread().interrupt();
        for (int again = 0; again < 2; again++) {
            RunInterruptedException interrupted = assertThrows(
                    RunInterruptedException.class, () -> ledger.admit(Releases.context(1, 9), ComponentState.EMPTY));
            assertEquals(
                    "interrupted while waiting for the privacy journal " + folder.resolve("journal")
                            + "; nothing was charged",
                    interrupted.getMessage());
        }
        assertTrue(Thread.interrupted(), "the flag is kept");
        ComponentState one = Journals.granted(ledger.admit(Releases.context(1, 9), ComponentState.EMPTY));
        Thread.currentThread().interrupt();
        assertThrows(RunInterruptedException.class, () -> ledger.admit(Releases.context(1, 9), one));
        assertEquals(1, ledger.statement(one, 1e-5, "rule").rounds(), "a statement is for who was interrupted, too");
        assertTrue(Thread.interrupted(), "the flag is kept");
        ComponentState two = Journals.granted(ledger.admit(Releases.context(1, 9), one));

        assertEquals(2, ledger.statement(two, 1e-5, "rule").rounds());
    }

    /** Another JVM charges rounds and reports each; killed at any moment, no reported round is missing. */
    @Test
    void countsEveryGrantedRoundAfterAKill() throws Exception {
        Path file = folder.resolve("journal");
        Path run = Files.write(folder.resolve("run"), BinaryWriter.toBytes("run", 1, Journals.RUN::writeTo));
        int saidBefore = 0;
        for (int kill = 0; kill < 3; kill++) {
            Path said = folder.resolve("said-" + kill);
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            ChargesForever.class.getName(),
                            file.toString(),
                            said.toString(),
                            run.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                while (process.isAlive() && (!Files.exists(said) || Files.size(said) < 20 + 17L * kill)) {
                    process.waitFor(1, TimeUnit.MILLISECONDS);
                }
            } finally {
                process.destroyForcibly();
                process.waitFor();
            }
            int told = saidBefore + (int) Files.size(said);
            long charged = spent(new JournalFile(file)).rounds();
            assertTrue(charged >= told && charged <= told + 1, () -> charged + " charged, " + told + " said");
            saidBefore = (int) charged;
        }
    }

    /** The program of the test above: one byte for each round that was granted. */
    static final class ChargesForever {

        private ChargesForever() {}

        public static void main(String[] args) throws Exception {
            RunId run = BinaryReader.fromBytes(Files.readAllBytes(Path.of(args[2])), "run", 1, RunId::readFrom);
            PrivacyLedger ledger = PrivacyLedger.of(1).journal(Path.of(args[0]), Wanted.OF_THIS_RUN);
            ledger.open(run, Drawn.NOW, 0, ComponentState.EMPTY);
            try (OutputStream said = Files.newOutputStream(Path.of(args[1]))) {
                ComponentState state = ComponentState.EMPTY;
                while (true) {
                    state = Journals.granted(ledger.admit(Releases.context(1, 9), state));
                    said.write(1);
                }
            }
        }
    }

    private JournalFile twoRounds() {
        JournalFile journal = new JournalFile(folder.resolve("two-rounds"));
        journal.create(HEAD);
        append(journal, 1, EVENT);
        append(journal, 2, EVENT);
        return journal;
    }

    private JournalFile file(String name, byte[] bytes) throws Exception {
        return new JournalFile(Files.write(folder.resolve(name), bytes));
    }

    private Path refusesAs(String text, String message) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), text);
        assertEquals(
                file + message,
                assertThrows(CorruptDataException.class, () -> new JournalFile(file).open())
                        .getMessage());
        assertEquals(text, Files.readString(file), "somebody else's file is left alone");
        return file;
    }

    private static byte[] joined(List<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static void append(JournalFile journal, int round, ChargedRelease release) {
        try (JournalFile.Open open = journal.open()) {
            open.append(OWNER, new PrivacyLedger.Charges(round, 0, release, 1));
        }
    }

    private static ChargedReleases spent(JournalFile journal) {
        try (JournalFile.Open open = journal.open()) {
            return open.content().spent();
        }
    }
}
