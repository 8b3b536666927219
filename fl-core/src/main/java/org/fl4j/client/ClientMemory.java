package org.fl4j.client;

import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * What one client remembers in one round, in parts: read once, staged once. A client with nothing but an objective's state has
 * that alone in the store.
 *
 * <p>In the server's JVM the store is the server's, though a client calls it: where it fails, no client has failed. Elsewhere it is the
 * client's own {@link RemoteMemory}. Belongs to one thread.
 */
final class ClientMemory {

    static final String OBJECTIVE = "objective";
    static final String LOCAL = "local";
    static final String OWN_MODEL = "own-model";
    static final String RESIDUAL = "residual";
    static final String GLOBAL = "global";
    static final String ACCEPTED = "accepted";

    private static final String KIND = "client-memory";
    private static final int VERSION = 1;

    private final ComponentState before;
    private final BiConsumer<TrainingTask, ComponentState> store;
    private ComponentState after = withParts(ComponentState.EMPTY);
    private boolean isObjectiveAlone = true;

    private ClientMemory(ComponentState state, BiConsumer<TrainingTask, ComponentState> store) {
        this.before = state.isEmpty() ? state : withParts(state);
        this.store = store;
    }

    /** A memory to which parts can be added; what is no such memory is an objective's state. */
    static ComponentState withParts(ComponentState state) {
        if (state.kind().equals(KIND)) {
            return state;
        }
        ComponentState parts = ComponentState.of(KIND, VERSION);
        return state.isEmpty() ? parts : parts.with(OBJECTIVE, state);
    }

    static ClientMemory of(ClientId client, ClientStateStore store) {
        return new ClientMemory(
                ClientRunner.ServerFailureException.ours(() -> store.read(client)),
                (task, state) -> ClientRunner.ServerFailureException.ours(() -> {
                    store.stage(client, task.round(), task.token(), state);
                    return task;
                }));
    }

    /**
     * @param accepted what the task says
     */
    static ClientMemory of(ClientId client, RemoteMemory own, int round, OptionalLong accepted) {
        return new ClientMemory(own.read(client, round, accepted), (task, state) -> own.keep(client, task, state));
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
            store.accept(task, state);
        }
    }
}
