package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.fl4j.model.RunId;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one run: which run may write to which journal, and when there may be a new one. {@link #open} refuses all
 * that does not fit together before the run begins anything; the file is made by the first round that is admitted.
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
    private volatile @Nullable Run run;

    /** The run that is going on; its journal may have to be made. */
    private record Run(String owner, String name, boolean mayCreate) {}

    ReleaseJournal(Path file, Wanted wanted) {
        this.file = new JournalFile(file);
        this.wanted = wanted;
    }

    void open(RunId id, int round, LedgerState ledger) {
        String owner = JournalRecord.hash("", id::writeTo);
        Run known = run;
        boolean goesOn = known != null && known.owner().equals(owner);
        boolean made = known != null && goesOn && !known.mayCreate();
        boolean begins = round == 0 && ledger.booked().isEmpty();
        if (!file.exists()) {
            if (made || wanted == Wanted.OF_A_LOST_RUN || (wanted == Wanted.OF_THIS_RUN && !begins)) {
                throw file.missing();
            }
            run = new Run(owner, id.toString(), true);
            return;
        }
        if (wanted == Wanted.NEW && !goesOn) {
            throw file.present();
        }
        JournalContent.Read read = file.read();
        requireOwner(read.content(), owner, id, begins);
        requireContinued(read.content(), read.has(ledger.journal()), ledger);
        run = new Run(owner, id.toString(), false);
    }

    private void requireOwner(JournalContent content, String owner, RunId id, boolean begins) {
        boolean unused = content.spent().isEmpty();
        boolean isOwn = content.head().model() == PrivacyModel.CENTRAL
                && content.lastOwner().equals(owner);
        if (!isOwn && !(begins && (unused || wanted == Wanted.OF_A_LOST_RUN))) {
            throw new PrivacyJournalException("the privacy journal " + file.path() + " was begun by run "
                    + content.head().name() + ", but this is run " + id
                    + "; was that run's state lost, or its checkpoint folder not mounted? journalOfLostRun(...) starts"
                    + " over and keeps what it spent; an unrelated run needs a journal of its own");
        }
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

    /** Locks the journal for one round, making it if the run begins. */
    Booking book(LedgerState ledger) {
        Run now = run;
        if (now == null) {
            throw new IllegalStateException(
                    "the guard's open(run, round, ledger) was not called; a privacy journal belongs to"
                            + " one run, and FederatedServer says which");
        }
        if (now.mayCreate()) {
            file.create(new JournalHead(
                    PrivacyModel.CENTRAL,
                    now.owner(),
                    now.name(),
                    RANDOM.nextLong(),
                    ledger.journal(),
                    ledger.booked()));
            run = new Run(now.owner(), now.name(), false);
        }
        JournalFile.Open open = file.open();
        try {
            requireContinued(open.content(), open.has(ledger.journal()), ledger);
            return new Booking(open, now.owner());
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /** Reads only. */
    Account account(LedgerState ledger) {
        JournalContent.Read read = file.read();
        BookedReleases spent = read.content().spent();
        requireContinued(read.content(), read.has(ledger.journal()), ledger);
        return new Account(spent, read.content().head().carried().isEmpty());
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
