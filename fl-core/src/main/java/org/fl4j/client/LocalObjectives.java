package org.fl4j.client;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;

/**
 * The objectives a client knows, by name, and where it keeps what they remember. Immutable and thread-safe.
 *
 * @param store of the server's JVM
 * @param own where the client is elsewhere; then the store is none
 */
record LocalObjectives(Map<String, LocalObjective> byName, ClientStateStore store, Optional<RemoteMemory> own) {

    static final LocalObjectives NONE = new LocalObjectives(Map.of(), ClientStateStore.none(), Optional.empty());

    static final String HINT =
            "use Population.over or ClientProvider.local in the server's JVM, LocalClient.rememberingIn elsewhere";

    /** None yet, with a store of their own. */
    static LocalObjectives onHeap() {
        return NONE.rememberingIn(ClientStateStore.ofLatestRun());
    }

    LocalObjectives with(LocalObjective objective) {
        Map<String, LocalObjective> more = new TreeMap<>(byName);
        more.put(objective.name(), objective);
        return new LocalObjectives(more, store, own);
    }

    LocalObjectives rememberingIn(ClientStateStore other) {
        return new LocalObjectives(byName, other, Optional.empty());
    }

    LocalObjectives rememberingIn(RemoteMemory memory) {
        return new LocalObjectives(byName, ClientStateStore.none(), Optional.of(memory));
    }

    ClientMemory memory(ClientId client, int round, OptionalLong accepted) {
        return own.isPresent() ? ClientMemory.of(client, own.get(), round, accepted) : ClientMemory.of(client, store);
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
                ? Optional.of("the objective " + asked
                        + " remembers from round to round but this client has no store for" + " that; " + HINT)
                : Optional.empty();
    }

    /** Whether clients have somewhere to remember. */
    boolean haveMemory() {
        return own.isPresent() || store != ClientStateStore.none();
    }
}
