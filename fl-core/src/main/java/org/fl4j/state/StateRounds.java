package org.fl4j.state;

import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose history a store holds, which rounds it can begin, and which one is open: what every store must reject, with the same
 * messages. Guarded by the store's lock.
 */
final class StateRounds {

    private static final Logger LOG = LoggerFactory.getLogger(ClientStateStore.class);

    private static final String ONE_STORE =
            "it must be the clientStates() of the server's ClientProvider. A client in another JVM than the server"
                    + " remembers in a RemoteMemory";

    /** Stragglers of other runs, stores and processes must not guess a token. */
    private static final SecureRandom TOKENS = new SecureRandom();

    /** So many rounds back a straggler is known as one; a long run stays flat. */
    private static final int KNOWN_TOKENS = 1024;

    /** What a store keeps about its states: their run, the earliest round that can be begun, the last one committed. */
    record History(RunId run, int earliest, int committed) {}

    private final String store;
    private @Nullable History history;
    private boolean statesWithoutCommit;

    private @Nullable RunId claimant;
    private int open;
    private long token;

    /** Of the last rounds begun: a straggler has one of them, a task of another store's server has none. */
    private final Set<Long> tokens = new LinkedHashSet<>();

    /** Clients stage side by side. */
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * @param store for messages
     * @param statesWithoutCommit whether there are states of a round whose commit was cut short
     */
    StateRounds(String store, Optional<History> kept, boolean statesWithoutCommit) {
        this.store = store;
        this.history = kept.orElse(null);
        this.statesWithoutCommit = statesWithoutCommit;
    }

    /**
     * @param replaces whether a new run may begin over the states of another
     */
    void claim(RunId run, int round, boolean replaces) {
        if (claimant != null) {
            throw new IllegalStateException(store + " is in use by run " + claimant
                    + " of this process; end that one first, or give each run a store of its own");
        }
        History kept = history;
        boolean isEmpty = kept != null && kept.committed() == 0 && !statesWithoutCommit;
        if (kept == null || (!kept.run().equals(run) && (isEmpty || (replaces && round == 0)))) {
            if (round > 0) {
                throw new IllegalStateException(store + " holds no states, but run " + run + " is at round " + round
                        + "; is its volume mounted and its path right? To continue without what clients remembered, start another"
                        + " run from these weights");
            }
        } else if (!kept.run().equals(run)) {
            throw new IllegalStateException(store + " belongs to run " + kept.run() + ", at round " + kept.committed()
                    + ", and not to the one to start, " + run + " at round " + round
                    + "; resume the former from its last state,"
                    + " give the latter a store of its own, or erase the former's states with eraseHistory()");
        } else if (round > kept.committed()) {
            throw new IllegalStateException(store + " ends with round " + kept.committed() + " of run " + run
                    + ", but the state is at round " + round + "; was an older copy restored?");
        } else {
            checkReach(kept, round + 1);
        }
        claimant = run;
    }

    void release() {
        claimant = null;
        open = 0;
    }

    private static void checkReach(History kept, int round) {
        if (round < kept.earliest()) {
            throw new IllegalStateException(
                    "round " + round + " cannot be run again: what clients remembered before round " + kept.earliest()
                            + " is gone; resume from a later state or start with an empty store");
        }
    }

    /** The history to keep before a round is begun: one that reaches up to the round before. */
    History checkBegin(int round) {
        RunId run = claimant;
        if (run == null) {
            throw new IllegalStateException("round " + round + " cannot be begun: no run has claimed " + store);
        }
        History kept = history;
        if (kept == null || !kept.run().equals(run)) {
            kept = new History(run, 1, 0);
        }
        if (round > kept.committed() + 1) {
            throw new IllegalStateException(
                    "round " + round + " cannot be begun: " + store + " ends with round " + kept.committed());
        }
        checkReach(kept, round);
        return new History(run, kept.earliest(), Math.min(kept.committed(), round - 1));
    }

    boolean isKept(History asked) {
        return asked.equals(history);
    }

    static long newToken() {
        return TOKENS.nextLong();
    }

    long begun(int round, History kept) {
        history = kept;
        statesWithoutCommit = false;
        open = round;
        token = newToken();
        tokens.add(token);
        if (tokens.size() > KNOWN_TOKENS) {
            tokens.remove(tokens.iterator().next());
        }
        return token;
    }

    /** Whether something to remember comes in time. Whose it is, no message says: it may leave a private run. */
    boolean takes(int round, long itsToken, ComponentState state) {
        if (tokens.isEmpty() && !state.isEmpty()) {
            throw new IllegalStateException("round " + round
                    + ": what a client wants to remember would be lost: no server of this JVM commits to this store; "
                    + ONE_STORE);
        }
        if (!state.isEmpty() && !tokens.contains(itsToken) && warned.compareAndSet(false, true)) {
            LOG.warn(
                    "round {}: what a client wants to remember is dropped: its task is not of a server that commits to {};"
                            + " {}. This is logged once",
                    round,
                    store,
                    ONE_STORE);
        }
        return open != 0 && round == open && itsToken == token;
    }

    /** The history to keep when the open round's states are in place. */
    History checkCommit(int round) {
        History kept = history;
        if (round != open || open == 0 || kept == null) {
            throw new IllegalStateException(
                    "round " + round + " is not open; " + (open == 0 ? "none is" : "the open round is " + open));
        }
        return new History(kept.run(), kept.earliest(), round);
    }

    void committed(History kept) {
        history = kept;
        open = 0;
    }

    Optional<RunId> run() {
        return Optional.ofNullable(history).map(History::run);
    }

    int earliest() {
        return history == null ? 1 : history.earliest();
    }

    /** The history to keep once a round before this one is not begun again; empty if that is so already. */
    Optional<History> forgetting(int round) {
        return history == null || round <= history.earliest()
                ? Optional.empty()
                : Optional.of(new History(history.run(), round, history.committed()));
    }

    void forgot(History kept) {
        history = kept;
    }

    void checkErase() {
        if (claimant != null) {
            throw new IllegalStateException(
                    store + " cannot be erased while run " + claimant + " uses it; end that one first");
        }
    }

    void erased() {
        history = null;
        statesWithoutCommit = false;
        open = 0;
    }
}
