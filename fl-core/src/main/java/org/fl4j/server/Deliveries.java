package org.fl4j.server;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.client.Delivery;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.CompressedWeights;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelWeights;

/**
 * What each client of a round is sent in its own way, by what the server knows that it holds: the clients' store has of each the last update
 * that was accepted. It is read once for each client of an attempt, whose stages and counts ask for its task again.
 */
record Deliveries(
        Delivery.Held held,
        boolean saysAccepted,
        Optional<ModelWeights> frozen,
        ClientStateStore states,
        Broadcast broadcast,
        Map<ClientId, Optional<Delivery.Accepted>> known) {

    static Deliveries of(ServerSettings settings, Broadcast broadcast) {
        return new Deliveries(
                settings.held(),
                settings.clients().rememberElsewhere(),
                settings.frozen(),
                settings.clientStates(),
                broadcast,
                new ConcurrentHashMap<>());
    }

    /** What a task has that is for no client in particular. */
    Delivery ofAll() {
        return new Delivery(held, OptionalLong.empty(), Optional.empty(), broadcast.whole());
    }

    TrainingTask to(ClientId client, TrainingTask task) {
        if (held == Delivery.Held.NOTHING && !saysAccepted) {
            return task;
        }
        Optional<Delivery.Accepted> last =
                known.computeIfAbsent(client, asked -> Delivery.Accepted.in(states.read(asked)));
        Optional<CompressedWeights> weights = held == Delivery.Held.WEIGHTS
                ? last.flatMap(accepted -> broadcast.since(accepted.round()))
                : broadcast.whole();
        return task.with(Delivery.of(held, last, saysAccepted, frozen).with(weights));
    }

    /** Before a round is committed: of clients that remember elsewhere the server keeps which update it was. */
    void stage(ClientId client, TrainingTask task) {
        if (saysAccepted) {
            ComponentState state = Delivery.Accepted.of(task).asMemory();
            states.stage(client, task.round(), task.token(), state);
        }
    }
}
