package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.privacy.dp.JournalRecord.Head;
import org.fl4j.state.RunId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one run, or of the clients of a process: which account may be charged in which file, and when there may be a
 * new one. {@link #open} rejects a journal and a state that do not match before the run begins, and makes the file before the
 * run's first state is saved: a saved state whose journal is missing has lost it.
 *
 * <p>Thread-safe.
 */
final class ReleaseJournal {

    private static final Logger LOG = LoggerFactory.getLogger(ReleaseJournal.class);

    /** Which journal the host requires. */
    enum Wanted {
        /** The journal of the run that continues; a new one only for a run that begins. */
        OF_THIS_RUN,
        /** One that does not exist yet, whatever the run has spent before. */
        NEW,
        /** That of a run whose state was lost: this run starts over and what was spent stays spent. */
        OF_A_LOST_RUN
    }

    private final JournalFile file;
    private final Wanted wanted;
    private final PrivacyStatement.PrivacyModel model;

    /** The owner, in the journal, of the current run. */
    private volatile @Nullable String run;

    ReleaseJournal(Path file, Wanted wanted) {
        this(file, wanted, PrivacyStatement.PrivacyModel.CENTRAL);
    }

    private ReleaseJournal(Path file, Wanted wanted, PrivacyStatement.PrivacyModel model) {
        this.file = new JournalFile(file);
        this.wanted = wanted;
        this.model = model;
    }

    /** Of clients: there is no state that could tell whether a client is new, so a new journal is made at once. */
    static ReleaseJournal ofClients(Path file, Wanted wanted, PrivacyStatement.PrivacyModel model) {
        ReleaseJournal journal = new ReleaseJournal(file, wanted, model);
        if (wanted == Wanted.NEW) {
            journal.file.create(Head.ofClients(model));
        }
        return journal;
    }

    void open(RunId id, Drawn drawn, int round, LedgerState state) {
        String owner = JournalRecord.hash("", id::writeTo);
        boolean continues = owner.equals(run);
        boolean begins = round == 0 && state.charged().isEmpty();
        boolean fresh = begins && drawn == Drawn.NOW;
        Head head = Head.ofRun(owner, id.toString(), state, fresh);
        if (file.exists()) {
            if (wanted == Wanted.NEW && !continues) {
                throw file.present();
            }
            continueWith(head, fresh, begins, state);
        } else if (continues || wanted == Wanted.OF_A_LOST_RUN || (wanted == Wanted.OF_THIS_RUN && !fresh)) {
            throw file.missing();
        } else {
            file.create(head);
        }
        run = owner;
    }

    /** A journal that a start left behind before its first round is replaced, so that it is this run's own from now on. */
    private void continueWith(Head head, boolean fresh, boolean begins, LedgerState state) {
        JournalContent.Read read = file.read();
        JournalContent content = requireModel(read.content());
        if (fresh && content.spent().isEmpty()) {
            file.replaceUnused(head);
            return;
        }
        if (!content.lastOwner().equals(head.owner()) && !(begins && wanted == Wanted.OF_A_LOST_RUN)) {
            throw new GaussianMechanism.JournalException("the privacy journal " + file.path() + " was begun by run "
                    + content.head().name() + ", but this is run " + head.name()
                    + "; was that run's state lost, or its checkpoint folder not mounted? journalOfLostRun(...) starts"
                    + " over and keeps what it spent; an unrelated run needs a journal of its own");
        }
        requireContinued(content, read.has(state.journal()), state);
        long ahead = content.spent().without(state.charged()).rounds();
        if (ahead > 0) {
            LOG.warn(
                    "the privacy journal {} holds releases that the state of run {} does not: {}, which stay spent. A crash"
                            + " leaves one, and runs from copies of one state leave all that the others made",
                    file.path(),
                    head.name(),
                    ahead);
        }
    }

    private JournalContent requireModel(JournalContent content) {
        if (content.head().model() != model) {
            throw new GaussianMechanism.JournalException("the privacy journal " + file.path() + " is "
                    + content.head().model().accounts() + ", not " + model.accounts()
                    + (model == PrivacyStatement.PrivacyModel.CENTRAL ? "; a run needs a journal of its own" : ""));
        }
        return content;
    }

    private void requireContinued(JournalContent content, boolean inChain, LedgerState state) {
        boolean begunHere = state.equals(content.head().carried());
        boolean known = state.charged().without(content.spent()).isEmpty();
        if (!state.charged().isEmpty() && !begunHere && !(inChain && known)) {
            throw new GaussianMechanism.JournalException("the privacy journal " + file.path()
                    + " does not hold the last round that the run's state has charged: the journal is older than the state,"
                    + " or of another course of the run, or rounds were run without it; only newJournal(...), under another"
                    + " name, continues from here");
        }
    }

    /** Locks the journal for one charge of the run. */
    Entry lock(LedgerState state) {
        String owner = run;
        if (owner == null) {
            throw new IllegalStateException(
                    "the guard's open(run, drawn, round, ledger) was not called; a privacy journal belongs to"
                            + " one run, and FederatedServer says which");
        }
        return lock(owner, open -> {
            requireContinued(open.content(), open.has(state.journal()), state);
            return open.content().spent();
        });
    }

    /** Locks the journal for one charge of a client. */
    Entry lock(ClientId client) {
        String owner = owner(client);
        return lock(owner, open -> requireModel(open.content()).spentBy(owner));
    }

    private Entry lock(String owner, Function<JournalFile.Open, ChargedReleases> spent) {
        JournalFile.Open open = file.open();
        try {
            return new Entry(Optional.of(open), owner, spent.apply(open));
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /** What a run has spent. Reads only. */
    Account account(LedgerState state) {
        JournalContent.Read read = file.read();
        JournalContent content = requireModel(read.content());
        requireContinued(content, read.has(state.journal()), state);
        return new Account(content.spent(), content.head().complete());
    }

    /** What a client has spent. Reads only. */
    Account account(ClientId client) {
        JournalContent content = requireModel(file.read().content());
        return new Account(content.spentBy(owner(client)), content.head().complete());
    }

    private static String owner(ClientId client) {
        return JournalRecord.hash("", out -> out.writeString(client.value()));
    }

    /**
     * What was charged on an account.
     *
     * @param complete whether each charge was on record before its noise was drawn
     */
    record Account(ChargedReleases spent, boolean complete) {}

    /** An account that is about to be charged, with what was spent on it so far. */
    record Entry(Optional<JournalFile.Open> open, String owner, ChargedReleases spent) implements AutoCloseable {

        static Entry unjournaled(ChargedReleases spent) {
            return new Entry(Optional.empty(), "", spent);
        }

        /** The account, if a release is on it that a crash left without a result; empty without a journal. */
        Optional<LedgerState> chargedBefore(ChargedRelease release) {
            return open.map(JournalFile.Open::content)
                    .filter(content -> content.spentBy(owner).has(release))
                    .map(content -> new LedgerState(spent, content.end().hash()));
        }

        /** Forces the charges to disk, a record each; returns the last one's hash, empty without a journal. */
        String append(PrivacyLedger.Charges charges) {
            return open.map(file -> file.append(owner, charges)).orElse("");
        }

        @Override
        public void close() {
            open.ifPresent(JournalFile.Open::close);
        }
    }
}
