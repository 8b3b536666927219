package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterSpec;

/**
 * Local differential privacy: a client that clips and noises its update itself.
 *
 * <p><b>Guarantee.</b> A client's message is (epsilon, delta)-differentially private for its data against all others, the
 * server included: neighbours are any two data sets of this client (<em>replace</em>), so the sensitivity is 2 C and the
 * noise N_Z(0, (2 C z)^2) on every coordinate. No party must be trusted, at the price of more noise: that of the sum
 * grows with the root of the number of clients.
 *
 * <pre>{@code
 * LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).withNoise(2);
 * ClientProvider clients = ClientProvider.of(ids, id -> noisy.around(client(id)));
 * }</pre>
 *
 * <p>The update has weight 1 ({@code numExamples} is 1), no scalars and no vectors (an objective that sends one, as
 * SCAFFOLD does, is rejected); STATISTIC parameters do not move. In place of a delta that is not finite, noise alone is
 * sent: a rejection would reveal it. Evaluation on the client's data throws. Every round in which a client takes part is
 * charged to that client before its noise is drawn: in memory, and with {@link #journal} on disk; there is no amplification,
 * as the server knows the sender of each update.
 *
 * <p>Thread-safe; one object for all clients of a process.
 *
 * <p>Source: Kasiviswanathan, Lee, Nissim, Raskhodnikova, Smith, "What Can We Learn Privately?", FOCS 2008; discrete noise by
 * Canonne, Kamath, Steinke, NeurIPS 2020.
 */
public final class LocalDifferentialPrivacy {

    /** The noise multiplier unless set: {@value}. */
    public static final double DEFAULT_NOISE_MULTIPLIER = 1;

    private final double clipNorm;
    private final PrivacyLedger ledger;
    private final NoiseSource source;

    private LocalDifferentialPrivacy(double clipNorm, PrivacyLedger ledger, NoiseSource source) {
        this.clipNorm = clipNorm;
        this.ledger = ledger;
        this.source = source;
    }

    /**
     * Clips to a norm.
     *
     * @param clipNorm C, above 0
     * @return with noise multiplier {@value #DEFAULT_NOISE_MULTIPLIER}, no budget and no journal
     * @throws IllegalArgumentException if the norm is not positive and finite
     */
    public static LocalDifferentialPrivacy clippedTo(double clipNorm) {
        ClipNorms.require("clip norm", clipNorm);
        return new LocalDifferentialPrivacy(clipNorm, PrivacyLedger.of(DEFAULT_NOISE_MULTIPLIER), NoiseSource.FRESH);
    }

    /**
     * Returns a copy with another amount of noise.
     *
     * @param multiplier z, the noise's standard deviation over the sensitivity 2 C; above 0
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public LocalDifferentialPrivacy withNoise(double multiplier) {
        return with(ledger.withNoise(Check.positive("noiseMultiplier", multiplier)));
    }

    /**
     * Returns a copy with a budget for each client: a client that would exceed it fails with
     * {@link BudgetSpentException} and sends nothing.
     *
     * @param target epsilon at a delta in (0, 1)
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if the target has no delta
     */
    public LocalDifferentialPrivacy within(PrivacyTarget target) {
        return with(ledger.within(target));
    }

    /**
     * Returns a copy with a journal of all clients of this process, so that no crash makes a client count too little. A
     * client that trains, and the {@link #statement}, throw {@link GaussianMechanism.JournalException} if it is missing, and
     * training if another process has written to it.
     *
     * @param file created by {@link #newJournal} before
     * @return a changed copy with an empty ledger
     */
    public LocalDifferentialPrivacy journal(Path file) {
        return with(ledger.journalOfClients(file, Wanted.OF_THIS_RUN, PrivacyStatement.PrivacyModel.LOCAL));
    }

    /**
     * Returns a copy with a new journal, which is created at once: what its clients spent before is not in it.
     *
     * @param file must not exist yet; a later process continues it with {@link #journal}
     * @return a changed copy with an empty ledger
     * @throws GaussianMechanism.JournalException if it exists
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public LocalDifferentialPrivacy newJournal(Path file) {
        return with(ledger.journalOfClients(file, Wanted.NEW, PrivacyStatement.PrivacyModel.LOCAL));
    }

    private LocalDifferentialPrivacy with(PrivacyLedger other) {
        return new LocalDifferentialPrivacy(clipNorm, other, source);
    }

    /** For tests: noise from elsewhere. */
    LocalDifferentialPrivacy drawingFrom(NoiseSource other) {
        return new LocalDifferentialPrivacy(clipNorm, ledger, other);
    }

    /**
     * A client whose updates are clipped and noised before they leave it.
     *
     * @param inner trains
     */
    public Client around(Client inner) {
        return new Client() {
            @Override
            public ClientId id() {
                return inner.id();
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                return noised(inner.id(), task, inner.train(task));
            }

            @Override
            public Optional<String> objection(TrainingTask task) {
                return inner.objection(task);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                throw new IllegalStateException("client '" + inner.id()
                        + "' reports no evaluation: it would leave without noise under local differential privacy");
            }
        };
    }

    /**
     * Returns the privacy guarantee of a client.
     *
     * @param privacyDelta in (0, 1)
     */
    public PrivacyStatement statement(ClientId client, double privacyDelta) {
        return ledger.statement(
                client,
                PrivacyStatement.PrivacyModel.LOCAL,
                privacyDelta,
                "clip norm " + clipNorm + ", noise of standard deviation " + 2 * clipNorm * ledger.noiseMultiplier());
    }

    private ClientUpdate noised(ClientId client, TrainingTask task, ClientUpdate update) {
        if (!update.vectors().isEmpty()) {
            throw new IllegalStateException("client '" + client + "', round " + update.round()
                    + ": the objective " + update.objective() + " sends "
                    + new TreeSet<>(update.vectors().keySet())
                    + ", which would leave without noise under local differential privacy");
        }
        ClipPlan plan = ClipPlan.of(
                update.delta().layout(), ClipNorms.flat(clipNorm), spec -> spec.role() == ParameterSpec.Role.TRAINABLE);
        DiscreteGaussian distribution = DiscreteGaussian.of(2 * plan.bound() * ledger.noiseMultiplier() / plan.grid());
        ledger.charge(client, update.round(), task.attempt());
        long[] noise = source.draw(distribution, plan.length());
        boolean diverged = update.delta().firstNonFinite().isPresent();
        double[] steps = diverged ? new double[plan.length()] : plan.clipped(update.delta(), 1);
        for (int i = 0; i < steps.length; i++) {
            steps[i] += noise[i];
        }
        ModelDelta delta = plan.unpack(steps, plan.grid());
        // A codec of the task is after the noise, so it changes nothing of the guarantee.
        ClientUpdate sent = update.withDelta(delta);
        return new ClientUpdate(
                client,
                update.round(),
                update.token(),
                sent.delta(),
                1,
                Map.of(),
                Map.of(),
                update.objective(),
                sent.compressed());
    }

    /** A client under local or example-level differential privacy cannot take part: that would exceed its budget. */
    public static final class BudgetSpentException extends FederatedLearningException {

        private static final long serialVersionUID = 1;

        BudgetSpentException(String message) {
            super(message);
        }
    }
}
