package org.fl4j.server;

import java.nio.file.Path;
import java.util.Optional;

/** Where a server keeps its state, so that a run survives its process. */
public interface CheckpointStore {

    /**
     * Keeps a state. When this returns, the state is durable.
     *
     * @param state after a round, not before what is kept already
     */
    void save(ServerState state);

    /**
     * The newest state that can be read.
     *
     * @return empty if there is none
     */
    Optional<ServerState> latest();

    /**
     * Checkpoints as files of a folder, one a round, the newest two kept: where the newest is damaged, {@link #latest}
     * is the one before, with a warning. A folder belongs to one run: to save a round earlier than the newest there is an
     * {@link IllegalStateException}, and nothing is lost.
     *
     * @param folder made if need be
     * @return the store
     */
    static CheckpointStore in(Path folder) {
        return new FileCheckpointStore(folder);
    }
}
