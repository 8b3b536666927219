package org.fl4j.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.secure.SecureAggregator;
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
 * the stage of masked inputs; {@link #dropOut} at any, by {@link #around(SecureAggregator)}. A client elsewhere, a {@code
 * MaskingClient}, cannot be troubled here, as it never trains here; trouble it there. Data are poisoned by
 * {@code population.withData(clients, Examples::withFlippedLabels)}.
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
         * @return what the server gets
         * @throws Exception what the server gets instead
         */
        ClientUpdate train(Call call) throws Exception;

        /**
         * Whether the client answers a message of a secure protocol, under a rule that {@link Trouble#around(SecureAggregator)}
         * returned.
         *
         * @param message the stage's bytes
         */
        default boolean answers(byte[] message) {
            return true;
        }
    }

    /**
     * A client that is asked to train.
     *
     * @param client as it is
     * @param task what it was asked
     * @param among all clients as they are, for those that collude
     * @param random of this call alone
     */
    public record Call(Client client, TrainingTask task, ClientProvider among, DeterministicRandom random) {

        ClientUpdate train() throws Exception {
            return client.train(task);
        }
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

    /**
     * Returns a copy in which certain clients collude, in every call: they all send one forged update.
     *
     * <p>It is forged from the honest updates that they could have sent, those of all of them, whether asked in the round or not;
     * their batches are drawn from the seed of this trouble. The first that is asked in a round trains for all, while the others
     * wait for it; a round costs as many trainings as they are, and one forged update is held until the next.
     *
     * @param clients of the population, at least one
     */
    public Trouble colluding(Set<ClientId> clients, Collusion how) {
        if (clients.isEmpty()) {
            throw new IllegalArgumentException("colluding clients must be at least one, but there is none");
        }
        return of(clients, new Conspiracy(seed, clients, how));
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return List.copyOf(more);
    }

    /** Returns these clients, with the trouble; they follow objectives and remember as before. */
    public ClientProvider around(ClientProvider clients) {
        return clients.decorated((client, among) -> new TroubledClient(this, client, among));
    }

    /**
     * Returns this rule, under which clients {@linkplain #dropOut drop out} at stages, in this JVM or behind a {@link
     * org.fl4j.secure.ParticipantSession} with it. All other trouble is the clients', see {@link #around(ClientProvider)}: with
     * the same trouble around both, each call has one fault.
     */
    public SecureAggregator around(SecureAggregator rule) {
        return new TroubledRule(rule, this);
    }

    void checkAnswers(ClientId client, TrainingTask task, byte[] message) throws CrashException {
        Optional<Fault> fault = faultOf(client, randomOf(client, task));
        if (fault.isPresent() && !fault.get().answers(message)) {
            throw crashed(client, task, "in a stage of the secure sum");
        }
    }

    DeterministicRandom randomOf(ClientId client, TrainingTask task) {
        long here = Seeds.ofAttempt(seed, task.round(), task.attempt());
        return new DeterministicRandom(Seeds.derive(here, task.round(), client.value(), "trouble"));
    }

    /** Whose random numbers are of one call: what is drawn first decides. */
    Optional<Fault> faultOf(ClientId client, DeterministicRandom random) {
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

    /** Fails before it trains. */
    public static Fault crash() {
        return call -> {
            throw crashed(call.client().id(), call.task(), "before training");
        };
    }

    /** Trains, and what it remembers of that with it, and fails before it answers. */
    public static Fault crashAfterTraining() {
        return call -> {
            call.train();
            throw crashed(call.client().id(), call.task(), "after training");
        };
    }

    private static CrashException crashed(ClientId client, TrainingTask task, String when) {
        return new CrashException("client '" + client + "', round " + task.round() + ": a crash on purpose, " + when);
    }

    /**
     * Drops out of a secure sum at a stage: the client answers all of its messages before, and none from there on. It needs
     * {@link #around(SecureAggregator)}; elsewhere the client is as it is.
     *
     * @param stage whether a message is of the stage, such as {@code SecureSum.Stage.UNMASK::asks}
     */
    public static Fault dropOut(Predicate<? super byte[]> stage) {
        return new Fault() {
            @Override
            public ClientUpdate train(Call call) throws Exception {
                return call.train();
            }

            @Override
            public boolean answers(byte[] message) {
                return !stage.test(message);
            }
        };
    }

    /**
     * The task arrives twice, as from a transport that delivers at least once: the client trains twice, and the server gets its
     * second reply. Harmless where replies of a round are alike, also of clients that remember.
     */
    public static Fault duplicate() {
        return call -> {
            call.train();
            return call.train();
        };
    }

    /** Never answers: waits until its thread is interrupted. Use it with a deadline on the real clock. */
    public static Fault hang() {
        return call -> {
            Thread.sleep(Long.MAX_VALUE);
            throw crashed(call.client().id(), call.task(), "after an eternity");
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
        return call -> {
            Thread.sleep(time.toMillis());
            return call.train();
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

    /** The update says that it is another client's: a reply that went astray. */
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

    static double[] values(ModelDelta delta) {
        double[] values = new double[delta.layout().length()];
        delta.copyTo(0, values.length, values, 0);
        return values;
    }

    static ClientUpdate with(ClientUpdate update, ModelDelta delta) {
        return with(update, update.client(), update.round(), delta, update.numExamples());
    }

    private static ClientUpdate with(
            ClientUpdate update, ClientId client, int round, ModelDelta delta, long numExamples) {
        ClientUpdate forged = update.withDelta(delta);
        return new ClientUpdate(
                client,
                round,
                update.token(),
                forged.delta(),
                numExamples,
                update.vectors(),
                update.scalars(),
                update.objective(),
                forged.compressed());
    }

    private static Fault deltas(BiFunction<ModelDelta, DeterministicRandom, ModelDelta> change) {
        return updates((update, random) -> with(update, change.apply(update.delta(), random)));
    }

    private static Fault updates(BiFunction<ClientUpdate, DeterministicRandom, ClientUpdate> change) {
        return call -> change.apply(call.train(), call.random());
    }
}
