package org.fl4j.server;

import java.nio.file.Path;
import java.util.Optional;

/** Where a server keeps its state, so that a run survives its process. */
public interface CheckpointStore {

    /**
     * Keeps a state. When this returns, the state is durable.
     *
     * @param state after a round
     */
    void save(ServerState state);

    /**
     * The newest state that can be read.
     *
     * @return empty if there is none
     */
    Optional<ServerState> latest();

    /**
     * Checkpoints as files of a folder, one a round, the newest few kept.
     *
     * @param folder made if need be
     * @return the store
     */
    static CheckpointStore in(Path folder) {
        return new FileCheckpointStore(folder);
    }
}
