package org.fl4j.server.checkpoint;

import java.nio.file.Path;
import java.util.Optional;
import org.fl4j.internal.Check;
import org.fl4j.state.ClientStateStore;

/**
 * Where a server keeps its state, so that a run survives its process. The states are of one run. Only {@link #save} and
 * {@link #latest} have to be written for a store of one's own; one that several processes reach overrides {@link #claim}
 * to exclude them.
 */
public interface CheckpointStore {

    /**
     * Keeps a state. When this returns, the state is durable.
     *
     * @param state before the first round, after one or between two attempts at one, which has the round of the state
     *     before; not before what is kept already
     */
    void save(ServerState state);

    /**
     * The newest state that can be read. A read that the file system fails is no damage, and thrown: it may succeed later.
     *
     * @return empty if there is none
     * @throws org.fl4j.CorruptDataException if there are some and none can be read
     * @throws org.fl4j.NewerVersionException if the newest is whole, and of a newer version
     * @throws java.io.UncheckedIOException if the file system reports an error
     */
    Optional<ServerState> latest();

    /**
     * Claims the store for a run, before anything of that run is begun or written. A run continues from the latest state
     * of its store, and from no other; only a new run starts with an empty one. To begin a history with a later state,
     * {@link #save} it by hand.
     *
     * @param from the state the run starts from, its run drawn
     * @return to be closed when the run ends; until then no other run of this process can claim this store
     * @throws IllegalStateException if another run has claimed it, or its latest state is not {@code from}
     */
    default ClientStateStore.Claim claim(ServerState from) {
        return ClaimedStores.claim(this, from);
    }

    /**
     * Deletes every state, so that another run can start with this store. It cannot be undone.
     *
     * @throws IllegalStateException if a run uses the store
     * @throws UnsupportedOperationException unless the store overrides this
     */
    default void eraseHistory() {
        throw new UnsupportedOperationException(this + " does not erase its history; delete it where it is kept");
    }

    /**
     * Checkpoints as files of a folder, one a round, the newest two kept: where the newest is damaged, {@link #latest}
     * is the one before, with a warning. What cannot be read is set aside when the run continues, under its name with
     * {@code .unreadable} in it, and never deleted.
     *
     * <p>A folder belongs to one run. While that run is active the folder is locked: another run, or a {@link #save} by
     * another store of it, throws an {@link IllegalStateException} in this process and in any other. So does saving
     * a state of another run, or of a round earlier than the newest there; nothing is lost.
     *
     * @param folder made by the first save if need be
     * @return the store
     */
    static CheckpointStore in(Path folder) {
        return in(folder, Retention.newest(2));
    }

    /**
     * Checkpoints as {@link #in(Path)} keeps them, and more of them, to compare or to begin another run with, in a
     * folder of its own: {@link #latest} looks at the newest ones only where every n-th is kept as well.
     *
     * @param folder made by the first save if need be
     * @param retention which are kept; those kept before by another one are deleted by the next save
     * @return the store
     */
    static CheckpointStore in(Path folder, Retention retention) {
        return new FileCheckpointStore(folder, retention);
    }

    /**
     * Which checkpoints of a run are kept.
     *
     * @param newest so many last ones, at least 1; with 1 nothing is left to resume from if the last is damaged
     * @param every those of rounds that this divides, round 0 included; 0 for none
     */
    record Retention(int newest, int every) {

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if none is kept, or every is negative
         */
        public Retention {
            Check.atLeast("newest", newest, 1);
            Check.atLeast("every", every, 0);
        }

        /** The last ones alone. */
        public static Retention newest(int count) {
            return new Retention(count, 0);
        }

        /** Returns a copy that keeps those of every n-th round as well. */
        public Retention andEvery(int rounds) {
            return new Retention(newest, rounds);
        }

        boolean keeps(long round) {
            return every > 0 && round % every == 0;
        }
    }
}
