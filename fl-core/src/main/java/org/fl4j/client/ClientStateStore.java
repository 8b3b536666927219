package org.fl4j.client;

import java.util.Collection;
import org.fl4j.binary.ComponentState;

/**
 * What clients remember between rounds (SCAFFOLD's variates, error feedback), in step with the server's rounds: a
 * client <em>stages</em> what it wants to remember while it trains, and the server <em>commits</em> the round for the
 * clients whose updates it took. What a rejected, late or failed client staged is dropped, and so is everything of an
 * abandoned round; so resuming from a checkpoint finds clients and server at the same round.
 *
 * <p>Thread-safe: clients stage from the runner's threads.
 */
public interface ClientStateStore {

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
     * @param round the earliest that {@link #begin} will be called with
     */
    void forgetBefore(int round);
}
