package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thread that charges rounds is interrupted at any moment: what was granted is in the journal, and nothing else. */
@Timeout(60)
class JournalInterruptTest {

    private static final int INTERRUPTS = 100;

    @TempDir
    Path folder;

    @Test
    void anInterruptAtAnyMomentLeavesAJournalThatContinues() throws Exception {
        DeterministicRandom random = new DeterministicRandom(5);
        PrivacyLedger ledger = PrivacyLedger.of(1e6).journal(folder.resolve("journal"), Wanted.OF_THIS_RUN);
        ledger.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        Charges charges = new Charges(ledger);
        for (int i = 0; i < INTERRUPTS; i++) {
            CountDownLatch begins = new CountDownLatch(1);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                begins.countDown();
                try {
                    charges.untilInterrupted();
                } catch (Throwable t) {
                    thrown.set(t);
                }
            });
            thread.start();
            begins.await();
            TimeUnit.NANOSECONDS.sleep((long) (random.nextDouble() * 1e7));
            thread.interrupt();
            thread.join();
            assertEquals(null, thrown.get());
            assertTrue(charges.flag, "the flag is kept");
        }
        assertTrue(charges.granted > 0);
        assertEquals(
                charges.granted, ledger.statement(charges.now, 1e-5, "rule").rounds());
        PrivacyLedger another = PrivacyLedger.of(1e6).journal(folder.resolve("journal"), Wanted.OF_THIS_RUN);
        another.open(Journals.RUN, Drawn.EARLIER, charges.granted, charges.now);
        ComponentState more = Journals.granted(another.admit(Releases.context(1, 9), charges.now));
        assertEquals(charges.granted + 1, another.statement(more, 1e-5, "rule").rounds());
    }

    private static final class Charges {

        private final PrivacyLedger ledger;
        private ComponentState now = ComponentState.EMPTY;
        private int granted;
        private boolean flag;

        Charges(PrivacyLedger ledger) {
            this.ledger = ledger;
        }

        void untilInterrupted() {
            try {
                while (true) {
                    now = Journals.granted(ledger.admit(Releases.context(1, 9), now));
                    granted++;
                }
            } catch (RunInterruptedException e) {
                flag = Thread.currentThread().isInterrupted();
            }
        }
    }
}
