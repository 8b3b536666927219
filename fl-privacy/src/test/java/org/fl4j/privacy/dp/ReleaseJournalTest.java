package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.fl4j.aggregation.ReleaseGuard;
import org.fl4j.binary.ComponentState;
import org.fl4j.binary.CorruptDataException;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was booked stays booked, whatever happens to the process. */
@Timeout(120)
class ReleaseJournalTest {

    private static final PrivacyEvent EVENT = PrivacyEvent.unsampled(2).poisson(0.25);

    @TempDir
    private Path folder;

    @Test
    void remembersEveryRound() {
        ReleaseJournal journal = new ReleaseJournal(folder.resolve("deep/down/privacy.journal"));
        for (int round = 1; round <= 5; round++) {
            try (ReleaseJournal.Open open = journal.open()) {
                open.append(round, round == 3 ? PrivacyEvent.unsampled(7) : EVENT, Composition.empty());
            }
        }

        assertEquals(Composition.of(EVENT, 4).plus(PrivacyEvent.unsampled(7), 1), spent(journal));
    }

    /** A crash can cut the last record anywhere: its round never drew noise. What is appended next is whole. */
    @Test
    void aTornRecordIsOfARoundThatNeverRan() throws Exception {
        Path file = folder.resolve("whole");
        try (ReleaseJournal.Open open = new ReleaseJournal(file).open()) {
            open.append(1, EVENT, Composition.empty());
            open.append(2, EVENT, Composition.empty());
        }
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(8 + 2 * 24, bytes.length);
        for (int length = 0; length <= bytes.length; length++) {
            Path torn = Files.write(folder.resolve("torn-" + length), Arrays.copyOf(bytes, length));
            int whole = Math.max(0, (length - 8) / 24);
            assertEquals(whole, rounds(spent(new ReleaseJournal(torn))), "cut at " + length);
            try (ReleaseJournal.Open open = new ReleaseJournal(torn).open()) {
                open.append(9, EVENT, Composition.empty());
            }
            assertEquals(whole + 1, rounds(spent(new ReleaseJournal(torn))), "cut at " + length);
        }
    }

    @Test
    void aDamagedRecordStopsEverything() throws Exception {
        Path file = folder.resolve("journal");
        try (ReleaseJournal.Open open = new ReleaseJournal(file).open()) {
            open.append(1, EVENT, Composition.empty());
            open.append(2, EVENT, Composition.empty());
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int at = 8; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);
            int record = 1 + (at - 8) / 24;
            assertEquals(
                    file + ": record " + record + " is damaged; what was spent is not known, so no round can run",
                    assertThrows(CorruptDataException.class, () -> spent(new ReleaseJournal(file)))
                            .getMessage());
        }
        Files.writeString(file, "a diary of something else");
        assertEquals(
                file + " is not a privacy journal",
                assertThrows(CorruptDataException.class, () -> spent(new ReleaseJournal(file)))
                        .getMessage());
    }

    @Test
    void theLedgerIsTheUnionOfStateAndJournal() {
        Path file = folder.resolve("journal");
        PrivacyLedger ledger = PrivacyLedger.of(2).journal(file);
        ComponentState one = granted(ledger.admit(Releases.context(1, 9), ComponentState.EMPTY));
        ComponentState two = granted(ledger.admit(Releases.context(1, 9), one));
        assertEquals(2, rounds(Bookings.read(two)));

        // Resumed from before both rounds: the journal knows them.
        ComponentState three = granted(ledger.admit(Releases.context(1, 9), ComponentState.EMPTY));
        assertEquals(3, rounds(Bookings.read(three)));
        assertEquals(3, ledger.statement(ComponentState.EMPTY, 1e-5, "rule").rounds());

        // A new journal: the state knows them.
        PrivacyLedger elsewhere = PrivacyLedger.of(2).journal(folder.resolve("new"));
        assertEquals(4, rounds(Bookings.read(granted(elsewhere.admit(Releases.context(1, 9), three)))));
        assertEquals(4, rounds(spent(new ReleaseJournal(folder.resolve("new")))));

        // A crash, and again from that state: the round in between is not one of those the state knows.
        ComponentState five = granted(elsewhere.admit(Releases.context(1, 9), three));
        assertEquals(5, rounds(Bookings.read(five)));
        assertEquals(5, rounds(spent(new ReleaseJournal(folder.resolve("new")))));
    }

    /** What was forced to disk before its noise was drawn is what the journal held by itself. */
    @Test
    void theStatementSaysJournaledOnlyOfRoundsThatWere() {
        PrivacyLedger without = PrivacyLedger.of(2);
        PrivacyLedger with = without.journal(folder.resolve("journal"));
        ComponentState before = granted(without.admit(Releases.context(1, 9), ComponentState.EMPTY));
        assertFalse(without.statement(before, 1e-5, "rule").journaled());
        assertFalse(with.statement(before, 1e-5, "rule").journaled(), "the journal is empty");
        ComponentState mixed = granted(with.admit(Releases.context(1, 9), before));
        assertFalse(with.statement(mixed, 1e-5, "rule").journaled(), "the first round was carried over");

        PrivacyLedger always = without.journal(folder.resolve("always"));
        assertTrue(always.statement(ComponentState.EMPTY, 1e-5, "rule").journaled());
        ComponentState one = granted(always.admit(Releases.context(1, 9), ComponentState.EMPTY));
        assertTrue(always.statement(one, 1e-5, "rule").journaled());
    }

    /** Two servers in one process share a file, and somebody asks for the statement meanwhile. */
    @Test
    void threadsWaitForEachOther() throws Exception {
        Path file = folder.resolve("shared");
        int threads = 4;
        int rounds = 25;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Long>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                PrivacyLedger own = PrivacyLedger.of(2).journal(t % 2 == 0 ? file : folder.resolve("./shared"));
                ends.add(pool.submit(() -> {
                    for (int round = 1; round <= rounds; round++) {
                        own.admit(Releases.context(1, 9), ComponentState.EMPTY);
                    }
                    return own.statement(ComponentState.EMPTY, 1e-5, "rule").rounds();
                }));
            }
            for (Future<Long> end : ends) {
                assertTrue(end.get() >= rounds);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(4 * 25, rounds(spent(new ReleaseJournal(file))));
    }

    /** As a folder in its place, or one that is a file, on the way. */
    @Test
    void aJournalThatCannotBeWrittenStopsTheRound() throws Exception {
        Path inTheWay = Files.writeString(folder.resolve("file"), "text");
        for (Path file : List.of(folder, inTheWay.resolve("journal"))) {
            PrivacyLedger ledger = PrivacyLedger.of(2).journal(file);
            for (int again = 0; again < 2; again++) {
                assertEquals(
                        "the privacy journal " + file + " cannot be read or written",
                        assertThrows(
                                        UncheckedIOException.class,
                                        () -> ledger.admit(Releases.context(1, 9), ComponentState.EMPTY))
                                .getMessage());
            }
        }
        assertEquals(
                inTheWay + " is not a privacy journal",
                assertThrows(CorruptDataException.class, () -> spent(new ReleaseJournal(inTheWay)))
                        .getMessage());
        assertEquals("text", Files.readString(inTheWay), "somebody else's file is left alone");
    }

    @Test
    void aRefusedRoundIsNotBooked() {
        Path file = folder.resolve("journal");
        PrivacyLedger ledger = PrivacyLedger.of(1)
                .within(PrivacyTarget.pure(5).withPrivacyDelta(1e-5))
                .journal(file);
        ComponentState one = granted(ledger.admit(Releases.context(1, 9), ComponentState.EMPTY));
        ReleaseGuard.Permit second = ledger.admit(Releases.context(1, 9), one);

        assertInstanceOf(ReleaseGuard.Refused.class, second);
        assertEquals(1, rounds(spent(new ReleaseJournal(file))));
        assertEquals(second, ledger.admit(Releases.context(1, 9), ComponentState.EMPTY), "the journal knows");
    }

    /** Another JVM books rounds and says so after each; killed at any moment, no said round is missing. */
    @Test
    void killedAtAnyMomentItNeverCountsTooLittle() throws Exception {
        Path file = folder.resolve("journal");
        int saidBefore = 0;
        for (int kill = 0; kill < 3; kill++) {
            Path said = folder.resolve("said-" + kill);
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            BooksForEver.class.getName(),
                            file.toString(),
                            said.toString()))
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
            long booked = rounds(spent(new ReleaseJournal(file)));
            assertTrue(booked >= told && booked <= told + 1, () -> booked + " booked, " + told + " said");
            saidBefore = (int) booked;
        }
    }

    /** The program of the test above: one byte for each round that was granted. */
    static final class BooksForEver {

        private BooksForEver() {}

        public static void main(String[] args) throws Exception {
            PrivacyLedger ledger = PrivacyLedger.of(1).journal(Path.of(args[0]));
            try (java.io.OutputStream said = Files.newOutputStream(Path.of(args[1]))) {
                ComponentState state = ComponentState.EMPTY;
                while (true) {
                    state = granted(ledger.admit(Releases.context(1, 9), state));
                    said.write(1);
                }
            }
        }
    }

    private static ComponentState granted(ReleaseGuard.Permit permit) {
        return assertInstanceOf(ReleaseGuard.Granted.class, permit).ledger();
    }

    private static Composition spent(ReleaseJournal journal) {
        try (ReleaseJournal.Open open = journal.open()) {
            return open.spent();
        }
    }

    private static long rounds(Composition spent) {
        return spent.events().values().stream().mapToLong(Long::longValue).sum();
    }
}
