package org.fl4j.privacy.dp;

import static org.fl4j.privacy.dp.MatrixRuns.CLIENTS;
import static org.fl4j.privacy.dp.MatrixRuns.PLAN;
import static org.fl4j.privacy.dp.MatrixRuns.numbered;
import static org.fl4j.privacy.dp.MatrixRuns.run;
import static org.fl4j.privacy.dp.MatrixRuns.seeded;
import static org.fl4j.privacy.dp.MatrixRuns.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends and goes on, by plan or by a crash. */
@Timeout(120)
class MatrixResumeTest {

    @TempDir
    private Path folder;

    /** Same seeds, same bits, whether a run is played at once, resumed by another instance, or under masks. */
    @Test
    void aResumeContinuesTheSameNoise() {
        Supplier<byte[]> once = numbered();
        ServerState whole = run(seeded(once), start(), 8).state();
        Supplier<byte[]> twice = numbered();
        MatrixMechanism first = seeded(twice).journal(folder.resolve("journal"));
        ServerState fifth = run(first, start(), 5).state();
        MatrixMechanism second = seeded(twice).journal(folder.resolve("journal"));
        ServerState end = run(second, fifth, 3).state();

        assertEquals(8, whole.round());
        assertEquals(whole.weights(), end.weights());
        assertNotEquals(
                whole.weights(), run(seeded(numbered(100)), start(), 8).state().weights());
    }

    /** A crash after the noise of a round was drawn, and before its result was saved: at each of its rounds. */
    @Test
    void aRoundThatACrashCutOffIsSkipped() {
        for (int crashed = 1; crashed <= 3; crashed++) {
            Path journal = folder.resolve("crash-" + crashed);
            MatrixMechanism before =
                    MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal);
            List<ServerState> saved = new ArrayList<>();
            run(before, ClientSelector.separated(3), start(), crashed, CLIENTS, saved);
            ServerState last = saved.get(crashed - 1);
            MatrixMechanism after =
                    MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal);
            RoundResult.Abandoned skipped = assertInstanceOf(RoundResult.Abandoned.class, run(after, last, 1));

            assertEquals(
                    "round " + crashed
                            + " was played before, and its result was lost or abandoned: its noise must not be"
                            + " added to a second sum, and its clients have had their turn",
                    skipped.reason());
            assertEquals(last.weights(), skipped.state().weights());
            assertEquals(crashed, skipped.state().round());
            RoundResult end = run(after, skipped.state(), 8 - crashed);
            assertEquals(8, end.state().round());
            PrivacyStatement statement = after.statement(end.state().ledger(), 1e-5);
            assertEquals(1, statement.rounds(), "charged once");
            assertTrue(statement.journaled());
        }
    }

    /** A process died between the charge of the first round and its seed: the charge is found, not made again. */
    @Test
    void aChargeThatACrashLeftWithoutASeedIsNotRepeated() {
        Path journal = folder.resolve("journal");
        PrivacyLedger ledger = PrivacyLedger.of(1).journal(journal, ReleaseJournal.Wanted.OF_THIS_RUN);
        ledger.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        RoundContext context = Releases.context(2, CLIENTS, new SamplingScheme.Separated(3));
        ledger.admitOnce(context, ComponentState.EMPTY, true);
        PrivacyLedger again = PrivacyLedger.of(1).journal(journal, ReleaseJournal.Wanted.OF_THIS_RUN);
        again.open(Journals.RUN, Drawn.EARLIER, 0, ComponentState.EMPTY);
        ComponentState state = Journals.granted(again.admitOnce(context, ComponentState.EMPTY, true));

        assertEquals(1, again.statement(state, 1e-5, "rule").rounds());
        assertEquals(state, Journals.granted(again.admitOnce(context, state, false)));
    }

    @Test
    void anotherPlanDoesNotContinueTheRun() {
        Path journal = folder.resolve("journal");
        ServerState second = run(
                        MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), start(), 2)
                .state();
        for (MatrixMechanism other : List.of(
                MatrixMechanism.on(ClippedMean.fixed(1), 1, MatrixPlan.over(9).separatedBy(3)),
                MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN.bands(2)),
                MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN.optimized()),
                MatrixMechanism.on(ClippedMean.fixed(2), 1, PLAN))) {
            assertThrows(IllegalStateException.class, () -> run(other.journal(journal), second, 1));
        }
        assertEquals(
                3,
                run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), second, 1)
                        .state()
                        .round());
    }

    @Test
    void aRunWithoutAJournalCannotBeResumedElsewhere() {
        ServerState second = run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN), start(), 2)
                .state();
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN), second, 1));
    }

    @Test
    void aLostRunStaysSpent() {
        Path journal = folder.resolve("journal");
        run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), start(), 2);
        MatrixMechanism over = MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journalOfLostRun(journal);
        ServerState end = run(over, start(), 3).state();

        assertEquals(3, end.round());
        assertEquals(2, over.statement(end.ledger(), 1e-5).rounds());
    }
}
