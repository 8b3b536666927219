package org.fl4j.client;

import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * What one client remembers in one round, in parts: read once, staged once. A client with nothing but an objective's state has
 * that alone in the store.
 *
 * <p>The store is the server's, though a client calls it: where it fails, no client has failed. Belongs to one thread.
 */
final class ClientMemory {

    static final String OBJECTIVE = "objective";
    static final String LOCAL = "local";
    static final String OWN_MODEL = "own-model";

    private static final String KIND = "client-memory";
    private static final int VERSION = 1;

    private final ClientStateStore store;
    private final ClientId client;
    private final ComponentState before;
    private ComponentState after = ComponentState.of(KIND, VERSION);
    private boolean isObjectiveAlone = true;

    private ClientMemory(ClientStateStore store, ClientId client, ComponentState before) {
        this.store = store;
        this.client = client;
        this.before = before;
    }

    static ClientMemory of(ClientId client, ClientStateStore store) {
        ComponentState state = ClientRunner.ServerFailureException.ours(() -> store.read(client));
        return new ClientMemory(
                store,
                client,
                state.isEmpty() || state.kind().equals(KIND)
                        ? state
                        : ComponentState.of(KIND, VERSION).with(OBJECTIVE, state));
    }

    /** A part as the client's last committed round left it; {@link ComponentState#EMPTY} if there is none. */
    ComponentState read(String part) {
        return before.state(part);
    }

    void keep(String part, ComponentState state) {
        if (!state.isEmpty()) {
            after = after.with(part, state);
            isObjectiveAlone &= part.equals(OBJECTIVE);
        }
    }

    /** Stages what was kept, unless there is nothing and was nothing before. */
    void stage(TrainingTask task) {
        ComponentState state = isObjectiveAlone ? after.state(OBJECTIVE) : after;
        if (!after.isEmpty() || !before.isEmpty()) {
            ClientRunner.ServerFailureException.ours(() -> {
                store.stage(client, task.round(), task.token(), state);
                return task;
            });
        }
    }
}
