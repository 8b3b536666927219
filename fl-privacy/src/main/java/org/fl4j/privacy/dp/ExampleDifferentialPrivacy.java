package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.PrivacyStatement.PrivacyModel;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;

/**
 * Example-level differential privacy: a client that trains by DP-SGD, or DP-Adam if its model's optimizer is Adam, so that what it sends hides each of
 * its examples.
 *
 * <p><b>Guarantee.</b> All messages of a client together are (epsilon, delta)-differentially private for each of its examples against all others, the server
 * included: neighbours are two data sets of which one lacks an example of the other (<em>add or remove</em>, where the others keep their places). The
 * {@link #statement} states the epsilon. A person with k examples is protected by less. No party must be trusted with the data but the client itself.
 *
 * <pre>{@code
 * ExampleDifferentialPrivacy hidden = ExampleDifferentialPrivacy.clippedTo(1).withNoise(1.1).sampling(0.01);
 * ClientProvider clients = population.over(models).decorated(hidden::around);
 * }</pre>
 *
 * <p>A step: every example takes part with probability q, by bits of a cryptographic generator; the gradient of each is clipped to C over all layers
 * together; on the sum comes exact discrete Gaussian noise of z times its sensitivity, which is a little above C as it allows for the rounding of
 * FP32 products; that is divided by the task's batch size, a public number, and given to the model's optimizer. An empty batch steps along noise. With N examples
 * {@code q = batchSize / N} makes batches of that size on average.
 *
 * <ul>
 *   <li>A round has as many steps as the task says, for one that counts epochs {@code epochs / q}. All are charged before the first.
 *   <li>A gradient that is not finite counts zero: an exception would tell of it.
 *   <li>Dropout draws by the task's seed, regularisation and an objective's correction act on the noised gradient: none costs privacy.
 *   <li>The update has a constant number of examples, no scalars and no vectors: an objective that sends one, as SCAFFOLD does, is rejected, and so is one
 *       that asks for a loss, as q-FedAvg's does. Evaluation on the client's data throws.
 *   <li>The model must be an {@link org.fl4j.model.ExampleGradientModel}; a network that mixes examples, as batch normalisation does, or that no training
 *       plan covers, is rejected with the layer's name.
 *   <li>A client whose data a model cannot take fails and is seen to fail.
 * </ul>
 *
 * <p>Thread-safe; one object for all clients of a process.
 *
 * <p>Source: Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar, Zhang, "Deep Learning with Differential Privacy", CCS 2016, algorithm 1; clipping by norms
 * alone by Li, Tramer, Liang, Hashimoto, ICLR 2022, and Bu, Mao, Xu, NeurIPS 2022; discrete noise by Canonne, Kamath, Steinke, NeurIPS 2020.
 *
 * @implNote {@code docs/decisions/0042-example-level-privacy.md} has the sensitivity's proof and what it assumes of OpenBLAS.
 */
public final class ExampleDifferentialPrivacy {

    /** The noise multiplier unless set: {@value}. */
    public static final double DEFAULT_NOISE_MULTIPLIER = 1;

    /** What a client's randomness comes from. */
    private record Sources(NoiseSource noise, Supplier<AesCtrBits> batches) {}

    private final double clipNorm;
    private final double probability;
    private final long weight;
    private final PrivacyLedger ledger;
    private final Sources sources;

    private ExampleDifferentialPrivacy(
            double clipNorm, double probability, long weight, PrivacyLedger ledger, Sources sources) {
        this.clipNorm = clipNorm;
        this.probability = probability;
        this.weight = weight;
        this.ledger = ledger;
        this.sources = sources;
    }

    /**
     * Clips each example's gradient to a norm.
     *
     * @param clipNorm C, within [2^-40, 2^40]
     * @return with noise multiplier {@value #DEFAULT_NOISE_MULTIPLIER}, every example in every batch, the number of examples sent as 1, no budget and no
     *     journal
     * @throws IllegalArgumentException if the norm is out of its range
     */
    public static ExampleDifferentialPrivacy clippedTo(double clipNorm) {
        if (!(clipNorm >= 0x1p-40 && clipNorm <= 0x1p40)) {
            throw new IllegalArgumentException("clip norm must be in [2^-40, 2^40], but was " + clipNorm);
        }
        return new ExampleDifferentialPrivacy(
                clipNorm,
                1,
                1,
                PrivacyLedger.of(DEFAULT_NOISE_MULTIPLIER),
                new Sources(NoiseSource.FRESH, AesCtrBits::fresh));
    }

    /**
     * Returns a copy with another amount of noise. {@code NoiseCalibration.reaching(budget).sampling(q).rounds(rounds * stepsIn(how))} has the least for a budget.
     *
     * @param multiplier z, the noise's standard deviation over the sensitivity of the sum; above 0
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public ExampleDifferentialPrivacy withNoise(double multiplier) {
        return with(ledger.withNoise(Check.positive("noiseMultiplier", multiplier)));
    }

    /**
     * Returns a copy that samples.
     *
     * @param each q, the probability of each example to be in a batch; in (0, 1]
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if it is out of its range
     */
    public ExampleDifferentialPrivacy sampling(double each) {
        if (!(each > 0 && each <= 1)) {
            throw new IllegalArgumentException("sampling probability must be in (0, 1], but was " + each);
        }
        return new ExampleDifferentialPrivacy(clipNorm, each, weight, ledger.emptied(), sources);
    }

    /**
     * Returns a copy whose updates say another number of examples, which rules weight by. It is public: a round number that was agreed upon, not a
     * count.
     *
     * @param examples at least 1
     * @return a changed copy with an empty ledger
     */
    public ExampleDifferentialPrivacy weighing(long examples) {
        if (examples < 1) {
            throw new IllegalArgumentException(
                    "the declared number of examples must be at least 1, but was " + examples);
        }
        return new ExampleDifferentialPrivacy(clipNorm, probability, examples, ledger.emptied(), sources);
    }

    /**
     * Returns a copy with a budget for each client: a client whose next round would exceed it fails with
     * {@link LocalDifferentialPrivacy.BudgetSpentException} and sends nothing.
     *
     * @param target epsilon at a delta in (0, 1)
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if the target has no delta
     */
    public ExampleDifferentialPrivacy within(PrivacyTarget target) {
        return with(ledger.within(target));
    }

    /**
     * Returns a copy with a journal of all clients of this process, so that no crash makes a client count too little, as
     * {@link LocalDifferentialPrivacy#journal}.
     *
     * @param file created by {@link #newJournal} before
     * @return a changed copy with an empty ledger
     */
    public ExampleDifferentialPrivacy journal(Path file) {
        return with(ledger.journalOfClients(file, Wanted.OF_THIS_RUN, PrivacyModel.EXAMPLE));
    }

    /**
     * Returns a copy with a new journal, which is created at once: what its clients spent before is not in it.
     *
     * @param file must not exist yet; a later process continues it with {@link #journal}
     * @return a changed copy with an empty ledger
     * @throws GaussianMechanism.JournalException if it exists
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public ExampleDifferentialPrivacy newJournal(Path file) {
        return with(ledger.journalOfClients(file, Wanted.NEW, PrivacyModel.EXAMPLE));
    }

    private ExampleDifferentialPrivacy with(PrivacyLedger other) {
        return new ExampleDifferentialPrivacy(clipNorm, probability, weight, other, sources);
    }

    /** For tests: noise and batches from elsewhere. */
    ExampleDifferentialPrivacy drawingFrom(NoiseSource noise, Supplier<AesCtrBits> batches) {
        return new ExampleDifferentialPrivacy(clipNorm, probability, weight, ledger, new Sources(noise, batches));
    }

    /**
     * How many steps, and so releases, a round has.
     *
     * @param how of the task
     * @return at least 1
     */
    public int stepsIn(LocalTraining how) {
        return how.extent() == LocalTraining.Extent.STEPS
                ? how.count()
                : Math.toIntExact(Math.max(1, Math.round(how.count() / probability)));
    }

    /**
     * A client that trains privately.
     *
     * @param inner a {@link LocalClient}, as the training itself changes; other decorators go around this one
     * @throws IllegalArgumentException if it is another client
     */
    public Client around(Client inner) {
        if (!(inner instanceof LocalClient<?> local)) {
            throw new IllegalArgumentException("client '" + inner.id()
                    + "': example-level privacy changes the training itself and goes around a LocalClient, but was given a "
                    + inner.getClass().getName() + "; put other decorators around this one");
        }
        LocalClient<?> trained = local.trainedBy(this::train);
        return new Client() {
            @Override
            public ClientId id() {
                return trained.id();
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                exchange(task).ifPresent(why -> {
                    throw new IllegalStateException(
                            "client '" + trained.id() + "', round " + task.round() + ": " + why);
                });
                return constant(trained.train(task));
            }

            @Override
            public Optional<String> objection(TrainingTask task) {
                return exchange(task).or(() -> trained.objection(task));
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                throw new IllegalStateException(
                        "client '" + trained.id()
                                + "' reports no evaluation: it would leave without noise under example-level differential privacy");
            }
        };
    }

    /** What the server sends vectors for, clients answer by vectors. */
    private static Optional<String> exchange(TrainingTask task) {
        return task.vectors().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the task asks for " + task.objective() + ", which exchanges "
                                + new TreeSet<>(task.vectors().keySet())
                                + " beside the update: that would leave without noise under example-level differential privacy");
    }

    /**
     * Returns the privacy guarantee of a client's examples.
     *
     * @param privacyDelta in (0, 1); less than one over the number of examples
     */
    public PrivacyStatement statement(ClientId client, double privacyDelta) {
        return ledger.statement(
                client,
                PrivacyModel.EXAMPLE,
                privacyDelta,
                "clip norm " + clipNorm + " of each example's gradient, noise of standard deviation at least "
                        + clipNorm * ledger.noiseMultiplier() + " on their sum, divided by the batch size");
    }

    /** What does not depend on the data is rejected before anything is charged. */
    private LocalTraining.Report train(ClientId client, TrainingTask task, ExampleGradients gradients) {
        ExampleSteps steps = new ExampleSteps(gradients, task.global().layout(), clipNorm, ledger.noiseMultiplier());
        int count = stepsIn(task.localTraining());
        ledger.charge(client, new PrivacyLedger.Charges(task.round(), task.attempt(), release(), count));
        try (AesCtrBits bits = sources.batches().get()) {
            PoissonBatches batches = new PoissonBatches(gradients.examples(), probability, bits);
            for (int i = 0; i < count; i++) {
                batches.next();
                steps.step(batches, sources.noise(), task.localTraining().batchSize());
            }
            batches.erase();
        }
        return new LocalTraining.Report(weight, count, OptionalDouble.empty(), 0);
    }

    private ChargedRelease release() {
        return ChargedRelease.of(
                PrivacyEvent.unsampled(ledger.noiseMultiplier()).poisson(probability),
                RoundContext.CohortVisibility.SERVER_ONLY);
    }

    /** The delta is what the noisy steps made; all else is a constant. */
    private ClientUpdate constant(ClientUpdate update) {
        if (!update.vectors().isEmpty()) {
            throw new IllegalStateException("client '" + update.client() + "', round " + update.round()
                    + ": the objective " + update.objective() + " sends "
                    + new TreeSet<>(update.vectors().keySet())
                    + ", which would leave without noise under example-level differential privacy");
        }
        return new ClientUpdate(
                update.client(),
                update.round(),
                update.token(),
                update.delta(),
                weight,
                Map.of(),
                Map.of(),
                update.objective(),
                update.compressed());
    }
}
