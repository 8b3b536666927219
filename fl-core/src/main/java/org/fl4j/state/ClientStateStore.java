package org.fl4j.state;

import java.nio.file.Path;
import java.util.Collection;
import org.fl4j.ClientId;
import org.fl4j.client.TrainingTask;

/**
 * What clients remember between rounds (SCAFFOLD's variates, error feedback), in step with the server's rounds: a
 * client <em>stages</em> what it wants to remember while it trains, and the server <em>commits</em> the round for the
 * clients whose updates it accepted. What a rejected, late or failed client staged is dropped, and so is everything of an
 * abandoned round; so resuming from a checkpoint finds clients and server at the same round.
 *
 * <p>The states belong to one run, which the server names when it {@link #claim claims} the store; another run is rejected
 * before anything is lost, and so is a state of a later round than the store's last. History is deleted by
 * {@link #eraseHistory} and, but for {@link #ofLatestRun}, by nothing else. Whoever makes a store closes it, after the last server that uses it; servers and clients do not.
 * A store of one's own can be held to fl-testkit's {@code ClientStateStoreContract}.
 *
 * <p>A server uses the store of its clients ({@code ClientProvider.clientStates}). They reach it in the server's JVM. Of one behind a
 * {@code PlainSession} or a {@code ParticipantSession} elsewhere the server's store has only which update was accepted last
 * ({@code ClientProvider.rememberingElsewhere}); what it remembers is in a {@code RemoteMemory} on its own side. It does not help to claim
 * and begin a store there, as the token of a task is the server's store's.
 *
 * <p>Thread-safe: clients read and stage from the runner's threads.
 */
public interface ClientStateStore extends AutoCloseable {

    /**
     * A store on the heap: it ends with its process. Another process has an empty one, where {@link #claim} rejects
     * a run that is past its first round: a run that is to outlive its process needs {@link #inDirectory}.
     *
     * @return a new, empty store
     */
    static ClientStateStore inMemory() {
        return new InMemoryClientStateStore(false);
    }

    /**
     * A store on the heap for any number of runs one after another, which keeps the states of the last: a run that starts
     * anew erases those of the run before, which cannot be resumed from then on. In all else as {@link #inMemory}; what
     * simulated clients have unless given another.
     *
     * @return a new, empty store
     */
    static ClientStateStore ofLatestRun() {
        return new InMemoryClientStateStore(true);
    }

    /**
     * The store of clients that remember nothing: any round may be run again at any time.
     *
     * @return always the same one; to stage anything with it is an {@link IllegalStateException}
     */
    static ClientStateStore none() {
        return NoClientStates.INSTANCE;
    }

    /**
     * A store on disk, which a run resumed in another process finds as its checkpoint left it:
     *
     * <pre>{@code
     * try (ClientStateStore states = ClientStateStore.inDirectory(Path.of("run/clients"));
     *         FederatedServer server = FederatedServer.with(rule)
     *                 .clients(population.over(models, states))
     *                 .checkpoints(CheckpointStore.in(Path.of("run/server")))
     *                 ...
     * }</pre>
     *
     * <p>What is staged goes to disk at once and is forced there, so memory is that of no state, and a commit renames. A
     * crash at any point is harmless: what was staged, and what was committed to a round that has no checkpoint, is dropped
     * when that round is begun again. Each client keeps the state that the earliest round needs and the later ones, two
     * files as a rule. Opening scans one directory per client; a round costs O(cohort).
     *
     * <p>Other failures of these methods, beside those named at each:
     *
     * <ul>
     *   <li>{@link java.io.UncheckedIOException}, naming the path: the file system reports an error
     *   <li>{@link org.fl4j.CorruptDataException}, naming the file: a file that is to be read is damaged, or of
     *       another client or round than its name says
     *   <li>{@link IllegalStateException}: the store is closed
     * </ul>
     *
     * @param directory of this store alone; made if need be. Locked until {@link #close}, or the end of the process
     * @return the store; empty, or as its last process left it
     * @throws IllegalStateException if a store of this or another process has the directory open
     * @throws java.io.UncheckedIOException if the file system reports an error
     * @throws org.fl4j.CorruptDataException if the directory's own record is damaged or missing
     * @throws org.fl4j.NewerVersionException if a newer library wrote it
     */
    static ClientStateStore inDirectory(Path directory) {
        return DirectoryClientStateStore.open(directory);
    }

    /**
     * Claims the store for a run, before anything of that run is begun or written. Changes no state.
     *
     * @param run the run, drawn
     * @param round how many rounds of it led to the state it starts from; 0 for a new run
     * @return to be closed when the run ends; until then no other run can claim the store
     * @throws IllegalStateException if another run has claimed it, the states are of another run, they end before that
     *     round, or those that the next round needs are gone
     */
    Claim claim(RunId run, int round);

    /**
     * Opens a round, or another attempt at it: drops what is staged, and forgets what was committed in this round or
     * later, as a server that was resumed from an earlier state must.
     *
     * @param round the round about to run, counted from 1
     * @return a token that no other call of this or another run returns, which reaches the clients in {@link
     *     TrainingTask#token}
     * @throws IllegalStateException if no run has claimed the store, or the states before this round are gone, see
     *     {@link #forgetBefore}
     */
    long begin(int round);

    /**
     * What a client remembers.
     *
     * @param client who
     * @return what its last committed round left; {@link ComponentState#EMPTY} if there is none
     */
    ComponentState read(ClientId client);

    /**
     * Proposes what a client should remember. Ignored unless the given round is the open one and the token is what
     * {@link #begin} returned for it: a straggler of an earlier round or attempt, or of another run's round of that number,
     * is too late. A token that this store never issued is logged once as a warning: the task's server commits elsewhere.
     *
     * @param client who
     * @param round the task's round
     * @param token the task's token
     * @param state what to remember
     * @throws IllegalStateException if there is something to remember and no server ever began a round with this store
     */
    void stage(ClientId client, int round, long token, ComponentState state);

    /**
     * Closes the open round: what the accepted clients staged is remembered, everything else staged is dropped.
     *
     * @param round the open round
     * @param accepted whose updates the server accepted; empty for an abandoned round
     * @throws IllegalStateException if that round is not open
     */
    void commit(int round, Collection<ClientId> accepted);

    /**
     * Allows the store to delete the history that only resuming from a round before this one would need.
     *
     * @param round the earliest that {@link #begin} will be called with; one before the earliest so far changes nothing
     */
    void forgetBefore(int round);

    /**
     * Deletes what every client remembers, so that another run can start with this store. It cannot be undone.
     *
     * @throws IllegalStateException if a run uses the store
     */
    void eraseHistory();

    /**
     * Deletes what one client remembers: it begins anew with its next round. For one whose own memory was lost elsewhere, or who wants to be
     * forgotten. It cannot be undone.
     *
     * @param client who
     * @throws IllegalStateException if a run uses the store
     */
    void forget(ClientId client);

    /** Releases files and locks, and drops what is staged. Does nothing if there are none, or the second time. */
    @Override
    default void close() {}

    /**
     * A run's hold on a store, from before its first round until after its last. While it lasts, no other run can claim the
     * store.
     */
    interface Claim extends AutoCloseable {

        /**
         * A claim that is released once, so that closing it again cannot release the next run's.
         *
         * @param release lets the next run claim the store
         * @return the claim
         */
        static Claim releasedBy(Runnable release) {
            return new OnceReleased(release);
        }

        /** Lets the next run claim the store. Does nothing the second time. */
        @Override
        void close();
    }
}
