package org.fl4j.client;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * The objectives a client can honour, by name, and where it keeps what they remember. Plain empirical risk needs no
 * entry.
 *
 * <p>Immutable and thread-safe.
 */
public final class LocalObjectives {

    private final Map<String, LocalObjective> byName;
    private final ClientStateStore memory;

    private LocalObjectives(Map<String, LocalObjective> byName, ClientStateStore memory) {
        this.byName = byName;
        this.memory = memory;
    }

    /**
     * Some objectives, remembering in a store of their own that the server does not know: right for objectives that
     * remember nothing.
     *
     * @param objectives with different names
     * @return the objectives
     * @throws IllegalArgumentException if two have one name
     */
    public static LocalObjectives of(LocalObjective... objectives) {
        Map<String, LocalObjective> byName = new TreeMap<>();
        for (LocalObjective objective : objectives) {
            if (byName.put(objective.name(), objective) != null) {
                throw new IllegalArgumentException("two objectives are named '" + objective.name() + "'");
            }
        }
        return new LocalObjectives(byName, ClientStateStore.inMemory());
    }

    /**
     * These objectives with a store that the server commits to, given to its builder as well.
     *
     * @param store shared by all clients of the run
     * @return a copy
     */
    public LocalObjectives rememberingIn(ClientStateStore store) {
        return new LocalObjectives(byName, store);
    }

    LocalObjective get(ClientId client, TrainingTask task) {
        LocalObjective objective = byName.get(task.objective().name());
        if (objective == null) {
            throw new UnknownObjectiveException(
                    "client '" + client + "', round " + task.round() + ": " + unknown(task));
        }
        return objective;
    }

    /** Why the task's objective cannot be honoured here. */
    Optional<String> objection(TrainingTask task) {
        return task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)
                        || byName.containsKey(task.objective().name())
                ? Optional.empty()
                : Optional.of(unknown(task));
    }

    private String unknown(TrainingTask task) {
        return "the task asks for " + task.objective() + " but this client knows " + byName.keySet()
                + " and empirical-risk; give the objective to LocalObjectives.of";
    }

    // The store is the server's, though a client calls it: where it fails, no client has failed.

    ComponentState remembered(ClientId client) {
        return ServerFailureException.ours(() -> memory.read(client));
    }

    void remember(ClientId client, TrainingTask task, ComponentState state) {
        ServerFailureException.ours(() -> {
            memory.stage(client, task.round(), task.token(), state);
            return task;
        });
    }
}
