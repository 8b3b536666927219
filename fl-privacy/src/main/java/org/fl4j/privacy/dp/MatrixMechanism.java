package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivateAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.state.ComponentState;
import org.jspecify.annotations.Nullable;

/**
 * Central differential privacy without secret cohorts: the sums of a bounded rule with noise that is correlated over the
 * rounds, so that it cancels in their total.
 *
 * <p><b>Guarantee.</b> What a run of at most T rounds releases, the global weights of every round, is
 * (epsilon, delta)-differentially private for each client, neighbours being populations in which one client's contributions are replaced
 * by zero, provided that no client takes part twice within b rounds; {@link #guard} holds the selector to that. The whole run is one Gaussian
 * release of noise multiplier z, charged at its first round; a shorter run has released a part of it. Who takes part may be public.
 * The operator of the server sees the updates, under masks only the sums, and holds the seeds of the noise: it must be trusted with
 * both.
 *
 * <pre>{@code
 * FederatedServer.with(MatrixMechanism.on(ClippedMean.fixed(0.5), 0.6, MatrixPlan.over(1000).separatedBy(100))
 *                 .within(PrivacyTarget.pure(8).withPrivacyDelta(1e-6))
 *                 .journal(Path.of("privacy.journal")))
 *         .selector(ClientSelector.separated(100))
 * }</pre>
 *
 * <p>Noise: with D the rule's bound and sens the {@linkplain MatrixPlan#sensitivity() sensitivity} of the plan's matrix C, z_t is discrete
 * Gaussian of standard deviation z sens D on a grid 2^16 times finer than the rule's, and C x + z is a vector of integers there. What is
 * added to the sum of a round is whole grid steps, a function of the noise alone, and the noised sum is a function of C x + z. Several
 * segments share z as in {@link GaussianMechanism}.
 *
 * <ul>
 *   <li>A round of d coordinates and p bands takes time in proportion to p d, and the last p vectors of noise stay on the heap
 *       where a quarter of it holds them; they are no part of any state, and follow from the seeds.
 *   <li>A round that was played before and whose result was lost, by a crash or because the run goes on from an older state, is abandoned
 *       without asking a client: the noise of a round is added to one sum only. Abandoned rounds count among the T.
 *   <li>Rules whose bound changes between rounds are rejected, such as {@link AdaptiveClippedMean}, which publishes a state.
 *   <li>Retries are rejected: another attempt would be another participation.
 * </ul>
 *
 * <p>{@linkplain GaussianMechanism Encoders of other packages} are held to the sensitivity they declare. Linear, but not bounded: it can
 * go under masks and under FedProx, and noise on noise does not compile. Immutable but for the seeds and the noise of one run at a time, and
 * thread-safe.
 *
 * <p>Source: Denisov, McMahan, Rush, Smith, Thakurta, NeurIPS 2022; Choquette-Choo et al., NeurIPS 2023; Kalinin, Lampert, NeurIPS 2024. That
 * integers keep the guarantee is proved in {@code docs/decisions/0041-matrix-mechanism.md}.
 */
public final class MatrixMechanism implements PrivateAggregator, DirectAggregator.Forwarding {

    /** Above the rounding of the noise to whole steps, which have at most 1/12 of the variance of 2^24. */
    private static final double ROUNDING = 1 + 0x1p-20;

    private static final int SHARE_OF_HEAP = 4;

    private final BoundedAggregator rule;
    private final MatrixPlan plan;
    private final ToeplitzStrategy strategy;
    private final double sensitivity;
    private final double noiseOfARound;
    private final PrivacyLedger ledger;
    private final NoiseSeeds seeds;

    /** Shared with the copies: whether an error of the rule's encoder was logged. */
    private final AtomicBoolean logged;

    /** Of the run that is named with it; guarded by this. */
    private @Nullable CorrelatedNoise noise;

    private String run = "";

    private MatrixMechanism(
            BoundedAggregator rule, MatrixPlan plan, PrivacyLedger ledger, NoiseSeeds seeds, AtomicBoolean logged) {
        this.rule = rule;
        this.plan = plan;
        this.strategy = plan.strategy();
        this.sensitivity = strategy.sensitivity(plan.separation());
        this.noiseOfARound = strategy.noiseOfARound();
        this.ledger = ledger;
        this.seeds = seeds;
        this.logged = logged;
    }

    /**
     * Puts noise on a bounded rule, without a budget and without a journal. The seeds are on the heap: the run ends with its
     * process.
     *
     * @param noiseMultiplier z of the whole run, the noise's standard deviation over the sensitivity of C x, such as
     *     {@code NoiseCalibration.reaching(target).rounds(1).noiseMultiplier()}; 0 is no noise and no privacy, for comparison
     * @throws IllegalArgumentException if z is negative, NaN or infinite, or the rule is private already
     */
    public static MatrixMechanism on(BoundedAggregator rule, double noiseMultiplier, MatrixPlan plan) {
        if (rule.isPrivate()) {
            throw new IllegalArgumentException("the rule must not be private already, but was " + rule);
        }
        return new MatrixMechanism(
                rule, plan, PrivacyLedger.of(noiseMultiplier), NoiseSeeds.onHeap(), new AtomicBoolean());
    }

    /**
     * Returns a copy with a budget: a run whose plan exceeds it is rejected at its first round, before anything is released.
     *
     * @param budget epsilon at a delta in (0, 1)
     * @throws IllegalArgumentException if the budget has no delta
     */
    public MatrixMechanism within(PrivacyTarget budget) {
        return with(ledger.within(budget), seeds);
    }

    /**
     * Returns a copy with the run's journal, as {@link GaussianMechanism#journal}, and beside it, in {@code <file>.seeds}, the seeds of
     * the noise, each forced to disk before it is used. With both the run can be resumed.
     *
     * <p><b>The seeds are as secret as the sums of the rounds.</b> Where the file system has permissions, only the file's
     * owner may read it. It is needed until the last round, and should be deleted after it. It must not be restored from a
     * copy: a file that lacks rounds of the run's state is rejected, but two runs from copies of both are not known to each
     * other, and each is charged for itself alone.
     */
    public MatrixMechanism journal(Path file) {
        return with(
                ledger.journal(file, ReleaseJournal.Wanted.OF_THIS_RUN),
                seeds.inFile(seedsOf(file), NoiseSeeds.Start.AS_IT_IS));
    }

    /**
     * Returns a copy with the journal of a run whose state was lost, as {@link GaussianMechanism#journalOfLostRun}: what that
     * run was charged stays spent, its seeds are replaced.
     *
     * @param file the journal of the lost run
     */
    public MatrixMechanism journalOfLostRun(Path file) {
        return with(
                ledger.journal(file, ReleaseJournal.Wanted.OF_A_LOST_RUN),
                seeds.inFile(seedsOf(file), NoiseSeeds.Start.OVER));
    }

    private static Path seedsOf(Path journal) {
        return journal.resolveSibling(journal.getFileName() + ".seeds");
    }

    private MatrixMechanism with(PrivacyLedger other, NoiseSeeds others) {
        return new MatrixMechanism(rule, plan, other, others, logged);
    }

    /** For tests: seeds from elsewhere. */
    MatrixMechanism drawingSeedsFrom(Supplier<byte[]> source) {
        return with(ledger, seeds.drawnFrom(source));
    }

    /**
     * Returns the privacy guarantee of a run: of all its planned rounds, however many were played. A journal is read and not
     * changed, also during the run.
     *
     * @param spent {@code ServerState.ledger()} of its last state
     * @param privacyDelta in (0, 1); less than one over the number of clients
     * @throws IllegalArgumentException if delta is out of range
     * @throws GaussianMechanism.JournalException if the journal is missing or does not hold what was spent
     * @throws org.fl4j.CorruptDataException if it is damaged
     */
    public PrivacyStatement statement(ComponentState spent, double privacyDelta) {
        String correlated = rule + ", noise correlated over " + plan.rounds() + " planned rounds by a matrix of "
                + plan.bands() + " bands, for clients that take part at most once in any " + plan.separation()
                + " successive rounds";
        return ledger.statement(PrivacyStatement.PrivacyModel.CORRELATED, spent, privacyDelta, correlated);
    }

    @Override
    public BoundedAggregator inner() {
        return rule;
    }

    /**
     * Charges the run at its first round, and rejects, before that, a selector whose scheme does not keep clients as far apart
     * as the plan, and a round beyond the plan. A round that was played before is skipped.
     */
    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return Optional.of(new MatrixGuard(plan, ledger, seeds, this::fingerprint));
    }

    /** Of all that the noise of a round depends on beside its seeds. */
    private String fingerprint(RoundContext context) {
        BoundedRound round = bounded(context);
        return JournalRecord.hash("", out -> {
            out.writeInt(plan.rounds());
            out.writeInt(plan.separation());
            for (long coefficient : strategy.scaled()) {
                out.writeLong(coefficient);
            }
            out.writeDouble(ledger.noiseMultiplier());
            out.writeString(round.segments().toString());
            out.writeString(new TreeMap<>(round.sensitivity().l2()).toString());
            out.writeString(new TreeMap<>(round.sensitivity().noise()).toString());
        });
    }

    /** The rule's round, with noise that fits it. */
    @Override
    public LinearRound begin(RoundContext context) {
        BoundedRound round = bounded(context);
        NoisePlan independent =
                NoisePlan.of(round.segments(), round.sensitivity(), ledger.noiseMultiplier() * sensitivity);
        List<Segment> declared = independent.parts().stream()
                .map(part -> part.segment().noised(part.sigma() * noiseOfARound * ROUNDING))
                .toList();
        return new Round(
                round, declared, BoundedEncoder.of(rule, round, logged), () -> noise(context.round(), independent));
    }

    private BoundedRound bounded(RoundContext context) {
        BoundedRound round = rule.begin(context);
        if (round.publicState().isPresent()) {
            throw new IllegalArgumentException("a matrix mechanism needs a bound that is the same in all rounds, but "
                    + rule + " goes by a state; use ClippedMean.fixed, or GaussianMechanism");
        }
        return round;
    }

    /** In grid steps; drawn once, before the sum is read. */
    private synchronized double[] noise(int round, NoisePlan independent) {
        seeds.use(round);
        CorrelatedNoise current = noise;
        if (current == null || !run.equals(seeds.owner())) {
            current = new CorrelatedNoise(
                    strategy.scaled(),
                    independent.parts().stream().map(MatrixMechanism::stretch).toList(),
                    Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
            noise = current;
            run = seeds.owner();
        }
        return current.of(round, seeds::key);
    }

    private static CorrelatedNoise.Stretch stretch(NoisePlan.Part part) {
        return new CorrelatedNoise.Stretch(
                Math.toIntExact(part.segment().length()),
                part.sigma() == 0
                        ? null
                        : DiscreteGaussian.fine(Math.scalb(part.steps(), ToeplitzStrategy.FRACTION_BITS)));
    }

    /** The segments declare their noise: masks leave room for it. */
    private record Round(BoundedRound inner, List<Segment> segments, UpdateEncoder encoder, Supplier<double[]> noise)
            implements LinearRound.Forwarding {

        @Override
        public Aggregation.Result decode(Summand total) {
            if (!total.segments().equals(segments)) {
                throw new IllegalArgumentException(
                        "segments of the sum must be " + segments + ", but was " + total.segments());
            }
            return inner.decode(total.withNoise(inner.segments(), noise.get()));
        }
    }

    @Override
    public String toString() {
        return "MatrixMechanism(z=" + ledger.noiseMultiplier() + ", rounds=" + plan.rounds() + ", separation="
                + plan.separation() + ", bands=" + plan.bands() + " " + plan.coefficients() + ") on " + rule;
    }
}
