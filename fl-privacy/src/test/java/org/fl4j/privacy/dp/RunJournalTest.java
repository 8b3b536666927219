package org.fl4j.privacy.dp;

import static org.fl4j.privacy.dp.Journals.RUN;
import static org.fl4j.privacy.dp.Journals.played;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which run may go on from which journal, and that no other does. */
@Timeout(120)
class RunJournalTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("privacy.journal");
    }

    /** The same program twice: the first start makes the journal, the second continues it. */
    @Test
    void firstStartCreatesTheJournalAndLaterStartsContinueIt() {
        PrivacyLedger first = ledger(Wanted.OF_THIS_RUN);
        first.open(RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        assertEquals(0, rounds(), "opening makes it and charges nothing");
        ComponentState three = played(first, RUN, 0, ComponentState.EMPTY, 3);
        ComponentState five = played(first, RUN, 3, three, 2);
        ComponentState seven = played(ledger(Wanted.OF_THIS_RUN), RUN, 5, five, 2);

        PrivacyStatement statement = ledger(Wanted.OF_THIS_RUN).statement(seven, 1e-5, "rule");
        assertEquals(7, statement.rounds());
        assertTrue(statement.journaled());
    }

    /** The rounds between the state and the crash are spent: also where no state was saved at all. */
    @Test
    void roundsAheadOfTheStateStaySpent() {
        ComponentState two = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 2);
        played(ledger(Wanted.OF_THIS_RUN), RUN, 2, two, 3);
        assertEquals(5, ledger(Wanted.OF_THIS_RUN).statement(two, 1e-5, "rule").rounds());
        ComponentState six = played(ledger(Wanted.OF_THIS_RUN), RUN, 2, two, 1);
        assertEquals(6, LedgerState.read(six).charged().rounds());
        ComponentState seven = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 1);
        assertEquals(7, LedgerState.read(seven).charged().rounds());
        assertTrue(ledger(Wanted.OF_THIS_RUN).statement(seven, 1e-5, "rule").journaled());
    }

    /** The fault: this was epsilon 0, journaled, and a new file with a new budget. */
    @Test
    void rejectsAMissingJournalWithoutCreatingIt() throws IOException {
        ComponentState two = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 2);
        Path mistyped = folder.resolve("privcay.journal");
        String missing = "there is no privacy journal at " + mistyped
                + ", or its creation was cut short; what was spent is not known. Is the path right and the volume mounted?"
                + " Only newJournal(...) starts another in its place";
        PrivacyLedger wrong = PrivacyLedger.of(2).journal(mistyped, Wanted.OF_THIS_RUN);

        assertEquals(missing, refused(() -> wrong.statement(two, 1e-5, "rule")));
        assertEquals(missing, refused(() -> wrong.statement(ComponentState.EMPTY, 1e-5, "rule")));
        assertEquals(missing, refused(() -> wrong.open(RUN, Drawn.EARLIER, 2, two)));
        assertEquals(
                missing,
                refused(() -> wrong.open(RUN, Drawn.EARLIER, 2, ComponentState.EMPTY)),
                "its ledger is lost, too");
        PrivacyLedger lost = PrivacyLedger.of(2).journal(mistyped, Wanted.OF_A_LOST_RUN);
        assertEquals(missing, refused(() -> lost.open(RUN, Drawn.NOW, 0, ComponentState.EMPTY)));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void rejectsTheJournalOfAnotherRun() {
        played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 2);
        for (RunId other : List.of(Journals.run(2), Journals.run(1))) {
            assertEquals(
                    "the privacy journal " + file + " was begun by run " + RUN + ", but this is run " + other
                            + "; was that run's state lost, or its checkpoint folder not mounted? journalOfLostRun(...)"
                            + " starts over and keeps what it spent; an unrelated run needs a journal of its own",
                    refused(() -> ledger(Wanted.OF_THIS_RUN).open(other, Drawn.NOW, 0, ComponentState.EMPTY)));
        }
        assertEquals(2, rounds(), "nothing was charged");
    }

    /**
     * A crash after the first checkpoint and the first round, and a mistyped path at the next start: that round would be
     * counted nowhere, and the statement would say that all are.
     */
    @Test
    void rejectsASavedStateOfRoundZeroWithoutItsJournal() throws IOException {
        played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 1);
        Path mistyped = folder.resolve("privcay.journal");
        PrivacyLedger wrong = PrivacyLedger.of(2).journal(mistyped, Wanted.OF_THIS_RUN);

        assertEquals(
                "there is no privacy journal at " + mistyped
                        + ", or its creation was cut short; what was spent is not known. Is the path right and the volume"
                        + " mounted? Only newJournal(...) starts another in its place",
                refused(() -> wrong.open(RUN, Drawn.EARLIER, 0, ComponentState.EMPTY)));
        assertFalse(Files.exists(mistyped));
        Files.write(mistyped, unused("another").toBytes());
        assertTrue(refused(() -> wrong.open(RUN, Drawn.EARLIER, 0, ComponentState.EMPTY))
                .contains(" was begun by run another, but this is run " + RUN));
    }

    /** What a lost journal held of a round whose state was not saved is not known to the new one. */
    @Test
    void newJournalIsCompleteOnlyForARunThatBeginsNow() {
        PrivacyLedger lost = ledger(Wanted.NEW);
        lost.open(RUN, Drawn.EARLIER, 0, ComponentState.EMPTY);
        ComponentState one = Journals.granted(lost.admit(Releases.context(1, 9), ComponentState.EMPTY));
        assertFalse(ledger(Wanted.OF_THIS_RUN).statement(one, 1e-5, "rule").journaled());

        PrivacyLedger begins = PrivacyLedger.of(2).journal(folder.resolve("another"), Wanted.NEW);
        ComponentState first = played(begins, RUN, 0, ComponentState.EMPTY, 1);
        assertTrue(begins.statement(first, 1e-5, "rule").journaled());
    }

    /** Between the making of the journal and the first checkpoint: the next start begins a run of its own. */
    @Test
    void replacesTheUnusedJournalOfACrashedStart() {
        ledger(Wanted.OF_THIS_RUN).open(Journals.run(2), Drawn.NOW, 0, ComponentState.EMPTY);
        ledger(Wanted.OF_THIS_RUN).open(RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        // And behind the first checkpoint, before a round.
        PrivacyLedger next = ledger(Wanted.OF_THIS_RUN);
        next.open(RUN, Drawn.EARLIER, 0, ComponentState.EMPTY);
        ComponentState one = Journals.granted(next.admit(Releases.context(1, 9), ComponentState.EMPTY));

        assertTrue(next.statement(one, 1e-5, "rule").journaled());
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> ledger(Wanted.OF_THIS_RUN).open(Journals.run(2), Drawn.EARLIER, 0, ComponentState.EMPTY));
    }

    @Test
    void rejectsAJournalOfClients() {
        LocalDifferentialPrivacy.clippedTo(1).newJournal(file);
        String ofClients = "the privacy journal " + file
                + " is of clients under local differential privacy, not of a run; a run needs a journal of its own";
        for (Wanted wanted : List.of(Wanted.OF_THIS_RUN, Wanted.OF_A_LOST_RUN)) {
            assertEquals(ofClients, refused(() -> ledger(wanted).open(RUN, Drawn.NOW, 0, ComponentState.EMPTY)));
            assertEquals(ofClients, refused(() -> ledger(wanted).open(RUN, Drawn.EARLIER, 0, ComponentState.EMPTY)));
            assertEquals(ofClients, refused(() -> ledger(wanted).statement(ComponentState.EMPTY, 1e-5, "rule")));
        }
    }

    private static JournalRecord.Head unused(String name) {
        return JournalRecord.Head.ofRun("0", name, LedgerState.NONE, true);
    }

    /** A journal that was made by a start that got no further: nothing was spent in it. */
    @Test
    void replacesAnUnusedJournalOfAnotherRun() {
        new JournalFile(file).create(unused("another"));
        ComponentState one = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 1);

        assertEquals(
                2,
                LedgerState.read(played(ledger(Wanted.OF_THIS_RUN), RUN, 1, one, 1))
                        .charged()
                        .rounds());
    }

    @Test
    void roundsOfALostRunStaySpent() {
        ComponentState before = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 3);
        RunId again = Journals.run(1);
        ComponentState one = played(ledger(Wanted.OF_A_LOST_RUN), again, 0, ComponentState.EMPTY, 1);
        assertEquals(4, LedgerState.read(one).charged().rounds());
        ComponentState two = played(ledger(Wanted.OF_THIS_RUN), again, 1, one, 1);

        PrivacyStatement statement = ledger(Wanted.OF_THIS_RUN).statement(two, 1e-5, "rule");
        assertEquals(5, statement.rounds());
        assertTrue(statement.journaled());
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> ledger(Wanted.OF_THIS_RUN).open(RUN, Drawn.EARLIER, 3, before),
                "the lost state turns up: its journal is another run's by now");
    }

    /** Rolled back from a backup; and rolled back and gone on, by rounds that are all alike. */
    @Test
    void rejectsAJournalWithoutTheStatesLastRound() throws IOException {
        ComponentState two = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 2);
        Path backup = Files.copy(file, folder.resolve("backup"));
        ComponentState four = played(ledger(Wanted.OF_THIS_RUN), RUN, 2, two, 2);
        String behind = "the privacy journal " + file
                + " does not hold the last round that the run's state has charged: the journal is older than the state, or of"
                + " another course of the run, or rounds were run without it; only newJournal(...), under another name,"
                + " continues from here";
        Files.copy(backup, file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(behind, refused(() -> ledger(Wanted.OF_THIS_RUN).open(RUN, Drawn.EARLIER, 4, four)));
        assertEquals(behind, refused(() -> ledger(Wanted.OF_THIS_RUN).statement(four, 1e-5, "rule")));
        played(ledger(Wanted.OF_THIS_RUN), RUN, 2, two, 2);
        assertEquals(
                behind,
                refused(() -> ledger(Wanted.OF_THIS_RUN).open(RUN, Drawn.EARLIER, 4, four)),
                "as long, but another");
        ComponentState unjournaled = played(PrivacyLedger.of(2), RUN, 2, two, 1);
        assertEquals(behind, refused(() -> ledger(Wanted.OF_THIS_RUN).open(RUN, Drawn.EARLIER, 3, unjournaled)));
    }

    @Test
    void newJournalCarriesOverWhatTheStateCharged() {
        ComponentState two = played(PrivacyLedger.of(2), RUN, 0, ComponentState.EMPTY, 2);
        assertFalse(PrivacyLedger.of(2).statement(two, 1e-5, "rule").journaled());
        PrivacyLedger starting = ledger(Wanted.NEW);
        ComponentState three = played(starting, RUN, 2, two, 1);
        ComponentState four = played(starting, RUN, 3, three, 1);
        PrivacyStatement statement = ledger(Wanted.OF_THIS_RUN).statement(four, 1e-5, "rule");
        assertEquals(4, statement.rounds());
        assertFalse(statement.journaled(), "two rounds were carried over");

        assertEquals(
                "there is a privacy journal at " + file
                        + " already; continue it with journal(...), or start one under another name",
                refused(() -> ledger(Wanted.NEW).open(RUN, Drawn.EARLIER, 4, four)));
        // A crash, also right after: the state in which the journal was begun is one it goes on from.
        assertEquals(
                5,
                LedgerState.read(played(ledger(Wanted.OF_THIS_RUN), RUN, 3, three, 1))
                        .charged()
                        .rounds());
        assertEquals(
                6,
                LedgerState.read(played(ledger(Wanted.OF_THIS_RUN), RUN, 2, two, 1))
                        .charged()
                        .rounds());

        Path replaced = folder.resolve("replaced");
        PrivacyLedger next = PrivacyLedger.of(2).journal(replaced, Wanted.NEW);
        played(next, RUN, 4, four, 1);
        PrivacyLedger resumed = PrivacyLedger.of(2).journal(replaced, Wanted.OF_THIS_RUN);
        assertEquals(
                6, LedgerState.read(played(resumed, RUN, 4, four, 1)).charged().rounds());
    }

    @Test
    void rejectsTheSecondOfTwoLiveRuns() {
        ComponentState one = played(ledger(Wanted.OF_THIS_RUN), RUN, 0, ComponentState.EMPTY, 1);
        PrivacyLedger left = ledger(Wanted.OF_THIS_RUN);
        PrivacyLedger right = ledger(Wanted.OF_THIS_RUN);
        ComponentState leftTwo = played(left, RUN, 1, one, 1);
        right.open(RUN, Drawn.EARLIER, 1, one);
        ComponentState rightThree = Journals.granted(right.admit(Releases.context(1, 9), one));

        assertThrows(GaussianMechanism.JournalException.class, () -> left.admit(Releases.context(1, 9), leftTwo));
        assertEquals(3, LedgerState.read(rightThree).charged().rounds());
        assertEquals(3, rounds());
    }

    /** Threads that share one ledger wait for each other; so does who asks for the statement meanwhile. */
    @Test
    void serializesThreadsOfOneLedger() throws Exception {
        int threads = 4;
        int rounds = 25;
        PrivacyLedger shared = ledger(Wanted.OF_THIS_RUN);
        played(shared, RUN, 0, ComponentState.EMPTY, 1);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Long>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(pool.submit(() -> {
                    for (int round = 1; round <= rounds; round++) {
                        shared.admit(Releases.context(1, 9), ComponentState.EMPTY);
                    }
                    return shared.statement(ComponentState.EMPTY, 1e-5, "rule").rounds();
                }));
            }
            for (Future<Long> end : ends) {
                assertTrue(end.get() > rounds);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(1 + 4 * 25, rounds());
    }

    @Test
    void doesNotChargeARejectedRound() {
        PrivacyLedger ledger = PrivacyLedger.of(1)
                .within(PrivacyTarget.pure(5).withPrivacyDelta(1e-5))
                .journal(file, Wanted.OF_THIS_RUN);
        ComponentState one = played(ledger, RUN, 0, ComponentState.EMPTY, 1);
        PrivacyBudgetGuard.Permit second = ledger.admit(Releases.context(1, 9), one);

        assertInstanceOf(PrivacyBudgetGuard.Refused.class, second);
        assertEquals(1, rounds());
        assertEquals(second, ledger.admit(Releases.context(1, 9), ComponentState.EMPTY), "the journal knows");
    }

    @Test
    void requiresAnOpenedRun() {
        assertEquals(
                "the guard's open(run, drawn, round, ledger) was not called; a privacy journal belongs to one run, and"
                        + " FederatedServer says which",
                assertThrows(
                                IllegalStateException.class,
                                () -> ledger(Wanted.OF_THIS_RUN).admit(Releases.context(1, 9), ComponentState.EMPTY))
                        .getMessage());
    }

    private PrivacyLedger ledger(Wanted wanted) {
        return PrivacyLedger.of(2).journal(file, wanted);
    }

    private long rounds() {
        return new JournalFile(file).read().content().spent().rounds();
    }

    private static String refused(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(GaussianMechanism.JournalException.class, call).getMessage();
    }
}
