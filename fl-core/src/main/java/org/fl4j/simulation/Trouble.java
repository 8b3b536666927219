package org.fl4j.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * Clients that fail, hang and lie on purpose, to see what a federation makes of it:
 *
 * <pre>{@code
 * ClientProvider clients = Trouble.seeded(7)
 *         .of(0.3, Trouble.crash())
 *         .of(0.05, Trouble.nan())
 *         .of(Set.of(new ClientId("client-3")), Trouble.signFlip())
 *         .around(population.over(models));
 * }</pre>
 *
 * <p>What befalls a client in a round is a function of seed, client, round and attempt, the same in every run, on any number of
 * threads and after a resume. Shares are of all calls and do not overlap: at most one of them befalls a call. A fault of
 * certain clients befalls each of their calls, before shares are drawn. For several at a time, put one around another
 * with another seed.
 *
 * <p>Only training is troubled; evaluations are not. Under a secure rule a fault comes up where a client trains, which is
 * the stage of masked inputs; a client elsewhere, a {@code MaskingClient}, cannot be troubled here, as it never
 * trains here.
 *
 * <p>Immutable and thread-safe.
 */
public final class Trouble {

    /** What goes wrong in one call. */
    @FunctionalInterface
    public interface Fault {

        /**
         * Answers in the client's place.
         *
         * @param client the client as it is
         * @param task what it was asked
         * @param random of this call alone
         * @return what the server gets
         * @throws Exception what the server gets instead
         */
        ClientUpdate train(Client client, TrainingTask task, DeterministicRandom random) throws Exception;
    }

    /** The cause of a client's failure that was meant. */
    public static final class CrashException extends Exception {

        private static final long serialVersionUID = 1L;

        private CrashException(String message) {
            super(message);
        }
    }

    private record Share(double probability, Fault fault) {}

    private record Group(Set<ClientId> clients, Fault fault) {}

    private final long seed;
    private final List<Group> groups;
    private final List<Share> shares;

    private Trouble(long seed, List<Group> groups, List<Share> shares) {
        this.seed = seed;
        this.groups = groups;
        this.shares = shares;
    }

    /** No trouble yet. */
    public static Trouble seeded(long seed) {
        return new Trouble(seed, List.of(), List.of());
    }

    /**
     * Returns a copy in which a fault befalls a share of all calls.
     *
     * @param share in [0, 1]; all shares together are at most 1
     */
    public Trouble of(double share, Fault fault) {
        Check.probability("the share of calls", share);
        double all = share + shares.stream().mapToDouble(Share::probability).sum();
        if (all > 1 + 1e-12) {
            throw new IllegalArgumentException("the shares of calls must be at most 1 together, but were " + all);
        }
        return new Trouble(seed, groups, plus(shares, new Share(share, fault)));
    }

    /** Returns a copy in which a fault befalls every call of certain clients. */
    public Trouble of(Set<ClientId> clients, Fault fault) {
        return new Trouble(seed, plus(groups, new Group(Set.copyOf(clients), fault)), shares);
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return List.copyOf(more);
    }

    /** Returns these clients, with the trouble; they follow objectives and remember as before. */
    public ClientProvider around(ClientProvider clients) {
        return clients.decorated(Troubled::new);
    }

    private Optional<Fault> faultOf(ClientId client, DeterministicRandom random) {
        for (Group group : groups) {
            if (group.clients().contains(client)) {
                return Optional.of(group.fault());
            }
        }
        double left = random.nextDouble();
        for (Share share : shares) {
            left -= share.probability();
            if (left < 0) {
                return Optional.of(share.fault());
            }
        }
        return Optional.empty();
    }

    private final class Troubled implements Client {

        private final Client client;

        Troubled(Client client) {
            this.client = client;
        }

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            long here = Seeds.ofAttempt(seed, task.round(), task.attempt());
            DeterministicRandom random =
                    new DeterministicRandom(Seeds.derive(here, task.round(), id().value(), "trouble"));
            Optional<Fault> fault = faultOf(id(), random);
            return fault.isPresent() ? fault.get().train(client, task, random) : client.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }

        @Override
        public Optional<String> objection(TrainingTask task) {
            return client.objection(task);
        }
    }

    /** Fails before it trains. */
    public static Fault crash() {
        return (client, task, random) -> {
            throw crashed(client, task, "before training");
        };
    }

    /** Trains, and what it remembers of that with it, and fails before it answers. */
    public static Fault crashAfterTraining() {
        return (client, task, random) -> {
            client.train(task);
            throw crashed(client, task, "after training");
        };
    }

    private static CrashException crashed(Client client, TrainingTask task, String when) {
        return new CrashException(
                "client '" + client.id() + "', round " + task.round() + ": a crash on purpose, " + when);
    }

    /** Never answers: waits until its thread is interrupted. Use it with a deadline on the real clock. */
    public static Fault hang() {
        return (client, task, random) -> {
            Thread.sleep(Long.MAX_VALUE);
            throw crashed(client, task, "after an eternity");
        };
    }

    /**
     * Answers later, on the real clock; in virtual time a {@link Latency} is slow.
     *
     * @param time not negative
     */
    public static Fault slow(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("the time must not be negative, but was " + time);
        }
        return (client, task, random) -> {
            Thread.sleep(time.toMillis());
            return client.train(task);
        };
    }

    /** One coordinate of the update, any, is NaN. */
    public static Fault nan() {
        return deltas((delta, random) -> {
            double[] values = values(delta);
            values[random.nextInt(values.length)] = Double.NaN;
            return ModelDelta.of(delta.layout(), values);
        });
    }

    /** The update is of a layout with one more parameter. */
    public static Fault wrongShape() {
        return deltas((delta, random) -> {
            List<ParameterSpec> specs = new ArrayList<>(delta.layout().specs());
            specs.add(ParameterSpec.trainable("one more", 1));
            return ModelDelta.zero(new ParameterLayout(delta.layout().dtype(), specs));
        });
    }

    /** The update says that it is of the round before: a reply that was late. */
    public static Fault stale() {
        return updates((update, random) ->
                with(update, update.client(), update.round() - 1, update.delta(), update.numExamples()));
    }

    /** The update says that it is another client's: a reply that went astray, or came twice. */
    public static Fault anothersName(ClientId other) {
        return updates((update, random) -> with(update, other, update.round(), update.delta(), update.numExamples()));
    }

    /** The update is {@code -delta}: an attack on convergence. */
    public static Fault signFlip() {
        return scaled(-1);
    }

    /**
     * The update is {@code factor * delta}: model replacement by boosting (Bagdasaryan et al., AISTATS 2020).
     *
     * @param factor finite
     */
    public static Fault scaled(double factor) {
        if (!Double.isFinite(factor)) {
            throw new IllegalArgumentException("factor must be finite, but was " + factor);
        }
        return deltas((delta, random) -> delta.times(factor));
    }

    /**
     * The update is noise, {@code N(0, sigma^2)} in each coordinate (Blanchard et al., NeurIPS 2017, with sigma 200).
     *
     * @param sigma at least 0
     */
    public static Fault noise(double sigma) {
        Check.notNegative("sigma", sigma);
        return deltas((delta, random) -> {
            double[] values = new double[delta.layout().length()];
            for (int i = 0; i < values.length; i++) {
                values[i] = sigma * random.nextGaussian();
            }
            return ModelDelta.of(delta.layout(), values);
        });
    }

    /**
     * The client claims to have other numbers of examples, which is what many rules weigh by.
     *
     * @param factor above 0; the claim is rounded, and at least 1
     */
    public static Fault claims(double factor) {
        Check.positive("factor", factor);
        return updates((update, random) -> with(
                update,
                update.client(),
                update.round(),
                update.delta(),
                Math.max(1, Math.round(factor * update.numExamples()))));
    }

    private static double[] values(ModelDelta delta) {
        double[] values = new double[delta.layout().length()];
        delta.copyTo(0, values.length, values, 0);
        return values;
    }

    private static ClientUpdate with(
            ClientUpdate update, ClientId client, int round, ModelDelta delta, long numExamples) {
        return new ClientUpdate(
                client,
                round,
                update.token(),
                delta,
                numExamples,
                update.vectors(),
                update.scalars(),
                update.objective());
    }

    private static Fault deltas(BiFunction<ModelDelta, DeterministicRandom, ModelDelta> change) {
        return updates((update, random) -> with(
                update, update.client(), update.round(), change.apply(update.delta(), random), update.numExamples()));
    }

    private static Fault updates(BiFunction<ClientUpdate, DeterministicRandom, ClientUpdate> change) {
        return (client, task, random) -> change.apply(client.train(task), random);
    }
}
