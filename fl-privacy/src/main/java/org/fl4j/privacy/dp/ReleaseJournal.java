package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.state.RunId;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one run: which run may write to which journal, and when there may be a new one. {@link #open} refuses all
 * that does not fit together before the run begins anything, and makes the file before the run's first state is saved: a
 * saved state whose journal is missing has lost it.
 *
 * <p>Thread-safe.
 */
final class ReleaseJournal {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** What the host asked for by name. */
    enum Wanted {
        /** The journal of the run that goes on; a new one only for a run that begins. */
        OF_THIS_RUN,
        /** One that is not there yet, whatever the run has spent before. */
        NEW,
        /** That of a run whose state was lost: this run starts over and what was spent stays spent. */
        OF_A_LOST_RUN
    }

    private final JournalFile file;
    private final Wanted wanted;

    /** Of the run that is going on: its owner in the journal. */
    private volatile @Nullable String run;

    ReleaseJournal(Path file, Wanted wanted) {
        this.file = new JournalFile(file);
        this.wanted = wanted;
    }

    void open(RunId id, Drawn drawn, int round, LedgerState ledger) {
        String owner = JournalRecord.hash("", id::writeTo);
        boolean goesOn = owner.equals(run);
        boolean begins = round == 0 && ledger.booked().isEmpty();
        boolean fresh = begins && drawn == Drawn.NOW;
        JournalHead head = new JournalHead(
                PrivacyModel.CENTRAL,
                owner,
                id.toString(),
                RANDOM.nextLong(),
                ledger.journal(),
                ledger.booked(),
                fresh);
        if (file.exists()) {
            if (wanted == Wanted.NEW && !goesOn) {
                throw file.present();
            }
            goOn(head, id, fresh, begins, ledger);
        } else if (goesOn || wanted == Wanted.OF_A_LOST_RUN || (wanted == Wanted.OF_THIS_RUN && !fresh)) {
            throw file.missing();
        } else {
            file.create(head);
        }
        run = owner;
    }

    /** One that a start left behind which got no further is made anew, so that it is the run's own from now on. */
    private void goOn(JournalHead head, RunId id, boolean fresh, boolean begins, LedgerState ledger) {
        JournalContent.Read read = file.read();
        JournalContent content = requireCentral(read.content());
        if (fresh && content.spent().isEmpty()) {
            file.replaceUnused(head);
            return;
        }
        if (!content.lastOwner().equals(head.owner()) && !(begins && wanted == Wanted.OF_A_LOST_RUN)) {
            throw new PrivacyJournalException("the privacy journal " + file.path() + " was begun by run "
                    + content.head().name() + ", but this is run " + id
                    + "; was that run's state lost, or its checkpoint folder not mounted? journalOfLostRun(...) starts"
                    + " over and keeps what it spent; an unrelated run needs a journal of its own");
        }
        requireContinued(content, read.has(ledger.journal()), ledger);
    }

    private JournalContent requireCentral(JournalContent content) {
        if (content.head().model() != PrivacyModel.CENTRAL) {
            throw new PrivacyJournalException(
                    "the privacy journal " + file.path()
                            + " is of clients under local differential privacy, not of a run; a run needs a journal of its own");
        }
        return content;
    }

    private void requireContinued(JournalContent content, boolean inChain, LedgerState ledger) {
        JournalHead head = content.head();
        boolean begunHere =
                ledger.journal().equals(head.continued()) && ledger.booked().equals(head.carried());
        boolean known = ledger.booked().without(content.spent()).isEmpty();
        if (!ledger.booked().isEmpty() && !begunHere && !(inChain && known)) {
            throw new PrivacyJournalException("the privacy journal " + file.path()
                    + " does not hold the last round that the run's state has booked: the journal is older than the state, or"
                    + " of another course of the run, or rounds were run without it; only newJournal(...), under another"
                    + " name, goes on from here");
        }
    }

    /** Locks the journal for one round. */
    Booking book(LedgerState ledger) {
        String owner = run;
        if (owner == null) {
            throw new IllegalStateException(
                    "the guard's open(run, drawn, round, ledger) was not called; a privacy journal belongs to"
                            + " one run, and FederatedServer says which");
        }
        JournalFile.Open open = file.open();
        try {
            requireContinued(open.content(), open.has(ledger.journal()), ledger);
            return new Booking(open, owner);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /** Reads only. */
    Account account(LedgerState ledger) {
        JournalContent.Read read = file.read();
        JournalContent content = requireCentral(read.content());
        requireContinued(content, read.has(ledger.journal()), ledger);
        return new Account(content.spent(), content.head().complete());
    }

    /**
     * What a journal says was spent.
     *
     * @param complete whether each of the rounds was on record before it drew noise
     */
    record Account(BookedReleases spent, boolean complete) {}

    /** A round that is about to be booked. */
    record Booking(JournalFile.Open open, String owner) implements AutoCloseable {

        BookedReleases spent() {
            return open.content().spent();
        }

        /** Forced to disk; returns the hash that the run's state has to carry. */
        String append(int round, BookedRelease release) {
            return open.append(owner, round, release);
        }

        @Override
        public void close() {
            open.close();
        }
    }
}
