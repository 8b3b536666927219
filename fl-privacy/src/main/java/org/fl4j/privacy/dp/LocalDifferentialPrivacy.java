package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterRole;

/**
 * Local differential privacy: a client that clips and noises its update itself.
 *
 * <p><b>Guarantee.</b> What a client sends is (epsilon, delta)-differentially private for its data against everybody, the
 * server included: neighbours are any two data sets of this client (<em>replace</em>), so the sensitivity is 2 C and the
 * noise N_Z(0, (2 C z)^2) on every coordinate. Nobody has to be trusted, at the price of noise that grows with the
 * number of clients only as its root.
 *
 * <pre>{@code
 * LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1).withNoise(2);
 * ClientProvider clients = ClientProvider.of(ids, id -> noisy.around(client(id)));
 * }</pre>
 *
 * <p>The update has weight 1 ({@code numExamples} is 1), no scalars and no vectors (an objective that sends one, as
 * SCAFFOLD does, is refused); STATISTIC parameters do not move. In place of a delta that is not finite, noise alone is
 * sent: a refusal would tell. Evaluation on the client's data is refused. Every round in
 * which a client takes part is booked for that client before its noise is drawn: in memory, and with {@link #journal}
 * on disk; there is no amplification, as the server knows who sent what.
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
    private final double noiseMultiplier;
    private final Optional<PrivacyTarget> budget;
    private final Optional<JournalFile> journal;
    private final NoiseSource source;
    private final PrivacyLossAccountant accountant = PrivacyLossAccountant.create();
    private final Map<ClientId, BookedReleases> spent = new ConcurrentHashMap<>();

    private LocalDifferentialPrivacy(
            double clipNorm,
            double noiseMultiplier,
            Optional<PrivacyTarget> budget,
            Optional<JournalFile> journal,
            NoiseSource source) {
        this.clipNorm = clipNorm;
        this.noiseMultiplier = noiseMultiplier;
        this.budget = budget;
        this.journal = journal;
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
        return new LocalDifferentialPrivacy(
                clipNorm, DEFAULT_NOISE_MULTIPLIER, Optional.empty(), Optional.empty(), NoiseSource.FRESH);
    }

    /**
     * Returns a copy with another amount of noise.
     *
     * @param multiplier z, the noise's standard deviation over the sensitivity 2 C; above 0
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public LocalDifferentialPrivacy withNoise(double multiplier) {
        Check.positive("noiseMultiplier", multiplier);
        return new LocalDifferentialPrivacy(clipNorm, multiplier, budget, journal, source);
    }

    /**
     * Returns a copy with a budget for each client: a client that would exceed it fails with
     * {@link PrivacyBudgetSpentException} and sends nothing.
     *
     * @param target epsilon at a delta in (0, 1)
     * @return a changed copy with an empty ledger
     * @throws IllegalArgumentException if the target has no delta
     */
    public LocalDifferentialPrivacy within(PrivacyTarget target) {
        PrivacyLedger.requireDelta(target);
        return new LocalDifferentialPrivacy(clipNorm, noiseMultiplier, Optional.of(target), journal, source);
    }

    /**
     * Returns a copy with a journal of all clients of this process, so that no crash makes a client count too little. A
     * client that trains, and the {@link #statement}, throw {@link PrivacyJournalException} if it is missing, and
     * training if another process has written to it.
     *
     * @param file made by {@link #newJournal} before
     * @return a changed copy with an empty ledger
     */
    public LocalDifferentialPrivacy journal(Path file) {
        return with(new JournalFile(file));
    }

    /**
     * Returns a copy with a new journal, which is made at once: whatever its clients spent before is not in it.
     *
     * @param file must not be there yet; a later process goes on from it with {@link #journal}
     * @return a changed copy with an empty ledger
     * @throws PrivacyJournalException if it is there
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public LocalDifferentialPrivacy newJournal(Path file) {
        JournalFile fresh = new JournalFile(file);
        fresh.create(new JournalHead(
                PrivacyModel.LOCAL, "", "of clients", new SecureRandom().nextLong(), "", BookedReleases.NONE, true));
        return with(fresh);
    }

    private LocalDifferentialPrivacy with(JournalFile file) {
        return new LocalDifferentialPrivacy(clipNorm, noiseMultiplier, budget, Optional.of(file), source);
    }

    /** For tests: noise from elsewhere. */
    LocalDifferentialPrivacy drawingFrom(NoiseSource other) {
        return new LocalDifferentialPrivacy(clipNorm, noiseMultiplier, budget, journal, other);
    }

    /**
     * A client whose updates are clipped and noised before they leave it.
     *
     * @param inner trains
     * @return the decorated client
     */
    public Client around(Client inner) {
        return new Client() {
            @Override
            public ClientId id() {
                return inner.id();
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                return noised(inner.id(), inner.train(task));
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
     * What may be claimed for a client.
     *
     * @param client who
     * @param privacyDelta in (0, 1)
     * @return the statement
     */
    public PrivacyStatement statement(ClientId client, double privacyDelta) {
        BookedReleases all = journal.map(
                        file -> clients(file, file.read().content()).spentBy(owner(client)))
                .orElseGet(() -> spent.getOrDefault(client, BookedReleases.NONE));
        PrivacyFigure everybody = PrivacyFigure.of(all.againstMembers(), privacyDelta, accountant);
        return new PrivacyStatement(
                PrivacyModel.LOCAL,
                "clip norm " + clipNorm + ", noise of standard deviation " + 2 * clipNorm * noiseMultiplier,
                everybody,
                everybody,
                privacyDelta,
                budget,
                0,
                journal.isPresent());
    }

    private ClientUpdate noised(ClientId client, ClientUpdate update) {
        if (!update.vectors().isEmpty()) {
            throw new IllegalStateException("client '" + client + "', round " + update.round()
                    + ": the objective " + update.objective() + " sends "
                    + new TreeSet<>(update.vectors().keySet())
                    + ", which would leave without noise under local differential privacy");
        }
        ClipPlan plan = ClipPlan.of(
                update.delta().layout(), ClipNorms.flat(clipNorm), spec -> spec.role() == ParameterRole.TRAINABLE);
        DiscreteGaussian distribution = DiscreteGaussian.of(2 * plan.bound() * noiseMultiplier / plan.grid());
        book(client, update.round());
        long[] noise = source.draw(distribution, plan.length());
        boolean diverged = update.delta().firstNonFinite().isPresent();
        double[] steps = diverged ? new double[plan.length()] : plan.clipped(update.delta(), 1);
        for (int i = 0; i < steps.length; i++) {
            steps[i] += noise[i];
        }
        ModelDelta delta = plan.unpack(steps, plan.grid());
        return new ClientUpdate(client, update.round(), delta, 1, Map.of(), Map.of(), update.objective());
    }

    private void book(ClientId client, int round) {
        BookedRelease release = BookedRelease.unsampled(noiseMultiplier);
        if (journal.isEmpty()) {
            spent.compute(client, (id, before) -> {
                BookedReleases known = before == null ? BookedReleases.NONE : before;
                return admitted(id, round, known.plus(release, 1));
            });
            return;
        }
        try (JournalFile.Open open = journal.get().open()) {
            String owner = owner(client);
            BookedReleases known = clients(journal.get(), open.content()).spentBy(owner);
            admitted(client, round, known.plus(release, 1));
            open.append(owner, round, release);
        }
    }

    private BookedReleases admitted(ClientId client, int round, BookedReleases after) {
        if (budget.isPresent()) {
            double delta = budget.get().privacyDelta();
            double epsilon = accountant.epsilon(after.budgeted(), delta).upper();
            if (epsilon > budget.get().epsilon()) {
                throw new PrivacyBudgetSpentException("client '" + client + "', round " + round
                        + ": taking part would bring its epsilon to " + epsilon + " at delta " + delta
                        + ", above its budget of " + budget.get().epsilon());
            }
        }
        return after;
    }

    private static JournalContent clients(JournalFile file, JournalContent content) {
        if (content.head().model() != PrivacyModel.LOCAL) {
            throw new PrivacyJournalException("the privacy journal " + file.path()
                    + " is of a run, not of clients under local differential privacy");
        }
        return content;
    }

    private static String owner(ClientId client) {
        return JournalRecord.hash("", out -> out.writeString(client.value()));
    }
}
