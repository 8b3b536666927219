package org.fl4j.client;

import java.nio.file.Path;
import java.util.Collection;
import org.fl4j.binary.ComponentState;

/**
 * What clients remember between rounds (SCAFFOLD's variates, error feedback), in step with the server's rounds: a
 * client <em>stages</em> what it wants to remember while it trains, and the server <em>commits</em> the round for the
 * clients whose updates it took. What a rejected, late or failed client staged is dropped, and so is everything of an
 * abandoned round; so resuming from a checkpoint finds clients and server at the same round.
 *
 * <p>One run at a time. Whoever makes a store closes it, after the last server that uses it; servers and clients do not.
 * A store of one's own can be held to the test-jar's {@code ClientStateStoreContract}.
 *
 * <p>Thread-safe: clients read and stage from the runner's threads.
 */
public interface ClientStateStore extends AutoCloseable {

    /**
     * A store on the heap: it ends with its process. A run resumed in another process has to do without what clients
     * remembered, so for objectives that remember something it is exact within one process only.
     *
     * @return a new, empty store
     */
    static ClientStateStore inMemory() {
        return new InMemoryClientStateStore();
    }

    /**
     * A store on disk, which a run resumed in another process finds as its checkpoint left it:
     *
     * <pre>{@code
     * try (ClientStateStore states = ClientStateStore.inDirectory(Path.of("run/clients"));
     *         FederatedServer server = FederatedServer.with(rule)
     *                 .clientStates(states)
     *                 .checkpoints(CheckpointStore.in(Path.of("run/server")))
     *                 ...
     * }</pre>
     *
     * <p>What is staged goes to disk at once and is forced there, so memory is that of no state, and a commit renames. A
     * crash at any point is harmless: what was staged, and what was committed to a round that has no checkpoint, is dropped
     * when that round is begun again. Each client keeps the state that the earliest round needs and the later ones, two
     * files as a rule. To open costs a look at every client's folder; a round costs its cohort, whatever the population.
     *
     * <p>Like any store it forgets everything when round 1 begins: to start another run, give it another directory.
     *
     * <p>Other failures of these methods, beside those named at each:
     *
     * <ul>
     *   <li>{@link java.io.UncheckedIOException}, naming the path: the file system refuses
     *   <li>{@link org.fl4j.binary.CorruptDataException}, naming the file: a file that is to be read is damaged, or of
     *       another client or round than its name says
     *   <li>{@link IllegalStateException}: the store is closed
     * </ul>
     *
     * @param directory of this store alone; made if need be. Locked until {@link #close}, or the end of the process
     * @return the store; empty, or as its last process left it
     * @throws IllegalStateException if a store of this or another process has the directory open
     * @throws java.io.UncheckedIOException if the file system refuses
     * @throws org.fl4j.binary.CorruptDataException if the directory's own record is damaged
     */
    static ClientStateStore inDirectory(Path directory) {
        return DirectoryClientStateStore.open(directory);
    }

    /**
     * Opens a round: drops what is staged, and forgets what was committed in this round or later, as a server that was
     * resumed from an earlier state must. Round 1 forgets everything and can always be begun.
     *
     * @param round the round about to run, counted from 1
     * @throws IllegalStateException if the states before this round are gone, see {@link #forgetBefore}
     */
    void begin(int round);

    /**
     * What a client remembers.
     *
     * @param client who
     * @return what its last committed round left; {@link ComponentState#EMPTY} if there is none
     */
    ComponentState read(ClientId client);

    /**
     * Proposes what a client should remember. Ignored unless the given round is the open one: a straggler of an earlier
     * round comes too late.
     *
     * @param client who
     * @param round the task's round
     * @param state what to remember
     * @throws IllegalStateException if there is something to remember and no server ever began a round with this store
     */
    void stage(ClientId client, int round, ComponentState state);

    /**
     * Closes the open round: what the accepted clients staged is remembered, everything else staged is dropped.
     *
     * @param round the open round
     * @param accepted whose updates the server took; empty for an abandoned round
     * @throws IllegalStateException if that round is not open
     */
    void commit(int round, Collection<ClientId> accepted);

    /**
     * Gives up the history that resuming from a round before this one would need.
     *
     * @param round the earliest that {@link #begin} will be called with, but for 1; one before the earliest so far
     *     changes nothing
     */
    void forgetBefore(int round);

    /** Lets go of files and locks; what is staged is dropped. Does nothing where there are none, or the second time. */
    @Override
    default void close() {}
}
