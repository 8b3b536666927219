package org.fl4j.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.random.Seeds;
import org.fl4j.weights.ModelDelta;
import org.jspecify.annotations.Nullable;

/**
 * Clients that send one forged update. The first that is asked in a round trains for all of them, in the order of their
 * names, with seeds of their own; so what they send depends on the round alone, and not on who is first. Held is the
 * forged update of the last round, with what else each of them sends.
 */
final class Conspiracy implements Trouble.Fault {

    private final long seed;
    private final Set<ClientId> clients;
    private final Collusion collusion;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Plot last;

    Conspiracy(long seed, Set<ClientId> clients, Collusion collusion) {
        this.seed = seed;
        this.clients = new TreeSet<>(clients);
        this.collusion = collusion;
    }

    /** The forged updates for all tasks that are equal but for their seed. */
    private record Plot(ClientProvider among, long token, String task, Map<ClientId, ClientUpdate> updates) {

        boolean isOf(ClientProvider provider, TrainingTask asked) {
            return among == provider && token == asked.token() && task.equals(asked.fingerprint());
        }
    }

    @Override
    public ClientUpdate train(Trouble.Call call) throws Exception {
        lock.lockInterruptibly();
        try {
            Plot plot = last;
            if (plot == null || !plot.isOf(call.among(), call.task())) {
                last = null;
                plot = plot(call.among(), call.task());
                last = plot;
            }
            return Objects.requireNonNull(plot.updates().get(call.client().id()));
        } finally {
            lock.unlock();
        }
    }

    private Plot plot(ClientProvider among, TrainingTask task) throws Exception {
        int length = task.global().layout().length();
        double[] mean = new double[length];
        double[] squares = new double[length];
        Map<ClientId, ClientUpdate> updates = new HashMap<>();
        ModelDelta nothing = ModelDelta.zero(task.global().layout());
        for (ClientId client : clients) {
            long own = Seeds.derive(seed, task.round(), client.value(), "collusion");
            ClientUpdate update =
                    task.requireAnsweredBy(client, among.client(client).train(task.withSeed(own)));
            updates.put(client, Trouble.with(update, nothing));
            add(update.delta(), updates.size(), mean, squares);
        }
        for (int i = 0; i < length; i++) {
            mean[i] = collusion.forge(mean[i], Math.sqrt(squares[i] / clients.size()));
        }
        ModelDelta forged = ModelDelta.of(task.global().layout(), mean);
        updates.replaceAll((client, update) -> Trouble.with(update, forged));
        return new Plot(among, task.token(), task.fingerprint(), Map.copyOf(updates));
    }

    /** Welford's recurrence: squares are of the distances to the mean. */
    private static void add(ModelDelta delta, int count, double[] mean, double[] squares) {
        double[] values = Trouble.values(delta);
        for (int i = 0; i < values.length; i++) {
            double before = values[i] - mean[i];
            mean[i] += before / count;
            squares[i] += before * (values[i] - mean[i]);
        }
    }
}
