package org.fl4j.client;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/** The objectives a client knows, by name, and where it keeps what they remember. Immutable and thread-safe. */
record LocalObjectives(Map<String, LocalObjective> byName, ClientStateStore memory) {

    static final LocalObjectives NONE = new LocalObjectives(Map.of(), ClientStateStore.none());

    /** None yet, with a store of their own. */
    static LocalObjectives onHeap() {
        return NONE.rememberingIn(ClientStateStore.ofLatestRun());
    }

    LocalObjectives with(LocalObjective objective) {
        Map<String, LocalObjective> more = new TreeMap<>(byName);
        more.put(objective.name(), objective);
        return new LocalObjectives(more, memory);
    }

    LocalObjectives rememberingIn(ClientStateStore store) {
        return new LocalObjectives(byName, store);
    }

    boolean remember() {
        return byName.values().stream().anyMatch(LocalObjective::remembers);
    }

    LocalObjective get(ClientId client, TrainingTask task) {
        objection(task.objective()).ifPresent(why -> {
            throw new ObjectiveSpec.UnknownException("client '" + client + "', round " + task.round() + ": " + why);
        });
        return Objects.requireNonNull(byName.get(task.objective().name()));
    }

    /** Why this client cannot train with an objective. */
    Optional<String> objection(ObjectiveSpec asked) {
        if (asked.equals(ObjectiveSpec.EMPIRICAL_RISK)) {
            return Optional.empty();
        }
        LocalObjective known = byName.get(asked.name());
        if (known == null) {
            return Optional.of("the task asks for " + asked + " but this client knows " + byName.keySet()
                    + " and empirical-risk; let the rule return it as localObjective(), or give it to the clients with"
                    + " withObjective");
        }
        return known.remembers() && !haveMemory()
                ? Optional.of(
                        "the objective " + asked + " remembers from round to round but this client has no store for"
                                + " that; use Population.over or ClientProvider.local, in the server's JVM")
                : Optional.empty();
    }

    /** Whether clients have somewhere to remember. */
    boolean haveMemory() {
        return memory != ClientStateStore.none();
    }
}
