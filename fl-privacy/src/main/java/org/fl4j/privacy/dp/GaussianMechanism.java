package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.fl4j.FederatedLearningException;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivateAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.privacy.accounting.NoiseCalibration;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.accounting.SampledGaussian;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * Central differential privacy: the sum of a bounded rule with exact discrete Gaussian noise.
 *
 * <p><b>Guarantee.</b> What a run releases, the global weights of every round, is (epsilon, delta)-differentially
 * private for each client, neighbours being populations in which one client's contribution is replaced by zero. The
 * {@link #statement} states the epsilon, computed from the rounds that were run. The operator of the server sees the
 * updates and must be trusted; under masks, only the sum.
 *
 * <pre>{@code
 * FederatedServer.with(GaussianMechanism.on(ClippedMean.fixed(0.5), 1.1)
 *                 .within(PrivacyTarget.pure(8).withPrivacyDelta(1e-6))
 *                 .journal(Path.of("privacy.journal")))
 *         .selector(ClientSelector.poisson(0.01))
 * }</pre>
 *
 * <p>Noise: every segment j of sensitivity D_j receives N_Z(0, sigma_j^2) in whole grid steps, with sum_j (D_j / sigma_j)^2 = 1/z^2,
 * so that a round is one Gaussian of noise multiplier z. It is drawn from a cryptographic generator for the whole vector
 * before the sum is read, added as integers (under masks modulo 2^k, before the sum is centred) and scaled once. An empty
 * cohort releases noise. The noise is fresh: a resumed run has other bits.
 *
 * <p>The sensitivity that a rule of another package declares is trusted, its encoder is not: a contribution that is not in whole
 * steps, exceeds a segment's bound, or makes the encoder throw is left out, and an error is logged, once and without a
 * client's name.
 *
 * <p>Amplification by sampling is claimed for Poisson selection from the cryptographic generator only; under any other
 * selection every round counts as if every client took part, and the statement says so. Under a secure sum the members of a
 * cohort learn its size, so it is claimed against outsiders only; the statement has both figures and the budget is held
 * against members.
 *
 * <p>Linear, but not bounded: it can go under masks and under FedProx, and noise on noise does not compile. Immutable and
 * thread-safe.
 *
 * <p>Source: Dwork, Kenthapadi, McSherry, Mironov, Naor, Eurocrypt 2006; discrete noise by Canonne, Kamath, Steinke, NeurIPS
 * 2020; in federated averaging McMahan, Ramage, Talwar, Zhang, ICLR 2018.
 */
public final class GaussianMechanism implements PrivateAggregator, DirectAggregator.Forwarding {

    private final BoundedAggregator rule;
    private final PrivacyLedger ledger;
    private final NoiseSource source;

    /** Shared with the copies: whether an error of the rule's encoder was logged. */
    private final AtomicBoolean logged;

    private GaussianMechanism(BoundedAggregator rule, PrivacyLedger ledger, NoiseSource source, AtomicBoolean logged) {
        this.rule = rule;
        this.ledger = ledger;
        this.source = source;
        this.logged = logged;
    }

    /**
     * Puts noise on a bounded rule, without a budget and without a journal.
     *
     * @param noiseMultiplier z, the noise's standard deviation over the sensitivity; 0 is no noise and no privacy, for
     *     comparison
     * @throws IllegalArgumentException if z is negative, NaN or infinite, or the rule is private already
     */
    public static GaussianMechanism on(BoundedAggregator rule, double noiseMultiplier) {
        if (rule.isPrivate()) {
            throw new IllegalArgumentException("the rule must not be private already, but was " + rule);
        }
        return new GaussianMechanism(rule, PrivacyLedger.of(noiseMultiplier), NoiseSource.FRESH, new AtomicBoolean());
    }

    /**
     * Returns the calibration of the noise multiplier for a budget, with the sampling probability that the budget counts.
     *
     * @param budget its privacyDelta above 0
     * @param sampling {@code ClientSelector.scheme()} of the run's selector
     * @param cohort who learns the cohort: under a secure sum {@link RoundContext.CohortVisibility#MEMBERS}, unless the server is
     *     built with {@code cohortMembersAreTrusted()}
     * @return for one round
     * @throws IllegalArgumentException if privacyDelta is 0, which no Gaussian reaches
     */
    public static NoiseCalibration calibration(
            PrivacyTarget budget, SamplingScheme sampling, RoundContext.CohortVisibility cohort) {
        PrivacyEvent counted =
                ChargedRelease.of(PrivacyEvent.unsampled(1), sampling, cohort).budgeted();
        return NoiseCalibration.reaching(budget).sampling(((SampledGaussian) counted).samplingProbability());
    }

    /**
     * Returns a copy with a budget: the round that would exceed it is rejected, and the run ends with the weights
     * before. It is held against members of a cohort: under a secure sum a round counts without amplification by
     * sampling, unless the server is built with {@code cohortMembersAreTrusted()}.
     *
     * @param budget epsilon at a delta in (0, 1)
     * @throws IllegalArgumentException if the budget has no delta
     */
    public GaussianMechanism within(PrivacyTarget budget) {
        return with(ledger.within(budget));
    }

    /**
     * Returns a copy with the run's journal: every round is written to disk and forced before its noise may be drawn,
     * so that no crash makes a run count too little. A file belongs to one run: a run that begins creates it, in an existing
     * folder, and a resumed run continues it. {@code FederatedServer.run} throws {@link JournalException} before the
     * run begins
     *
     * <ul>
     *   <li>if the file is missing and the run is resumed, also from a saved state of round 0: it was lost, or the path is
     *       wrong;
     *   <li>if it is of another run or of clients under local differential privacy, or does not hold the last round that the
     *       run's state has charged;
     * </ul>
     *
     * and in a round, if another writer has written to it.
     */
    public GaussianMechanism journal(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.OF_THIS_RUN));
    }

    /**
     * Returns a copy with a new journal for a run that had none or whose journal is lost. What its state has charged is
     * carried over, and the {@link #statement} says from then on that not every round was journaled: rounds that only
     * the lost journal held are not counted. It says so for a saved state of round 0, too: a round may have been
     * run whose result was not saved. For a run that begins now it is the same as {@link #journal}.
     *
     * @param file must not exist yet; a later start continues it with {@link #journal}
     */
    public GaussianMechanism newJournal(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.NEW));
    }

    /**
     * Returns a copy with the journal of a run whose state was lost: a run that starts over continues it, and all that
     * the lost run spent stays spent. A later start continues it with {@link #journal}.
     *
     * @param file the journal of the lost run
     */
    public GaussianMechanism journalOfLostRun(Path file) {
        return with(ledger.journal(file, ReleaseJournal.Wanted.OF_A_LOST_RUN));
    }

    private GaussianMechanism with(PrivacyLedger other) {
        return new GaussianMechanism(rule, other, source, logged);
    }

    /** For tests: noise from elsewhere. */
    GaussianMechanism drawingFrom(NoiseSource other) {
        return new GaussianMechanism(rule, ledger, other, logged);
    }

    /**
     * Returns the privacy guarantee of a run. A journal is read and not changed, also during the run.
     *
     * @param spent {@code ServerState.ledger()} of its last state
     * @param privacyDelta in (0, 1); less than one over the number of clients
     * @throws IllegalArgumentException if delta is out of range
     * @throws JournalException if the journal is missing or does not hold what was spent
     * @throws org.fl4j.CorruptDataException if it is damaged
     */
    public PrivacyStatement statement(ComponentState spent, double privacyDelta) {
        return ledger.statement(spent, privacyDelta, rule.toString());
    }

    @Override
    public BoundedAggregator inner() {
        return rule;
    }

    /** The ledger; it also rejects a round whose noise the grid cannot represent, before anything is charged. */
    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return Optional.of(new PrivacyBudgetGuard() {
            @Override
            public void open(RunId run, Drawn drawn, int round, ComponentState spent) {
                ledger.open(run, drawn, round, spent);
            }

            @Override
            public Permit admit(RoundContext context, ComponentState spent) {
                begin(context);
                return ledger.admit(context, spent);
            }
        });
    }

    /** The rule's round, with noise that fits it. */
    @Override
    public LinearRound begin(RoundContext context) {
        BoundedRound round = rule.begin(context);
        NoisePlan plan = NoisePlan.of(round.segments(), round.sensitivity(), ledger.noiseMultiplier());
        return new Round(round, plan, plan.segments(), BoundedEncoder.of(rule, round, logged), source);
    }

    /** The segments declare their noise: masks leave room for it. */
    private record Round(
            BoundedRound inner, NoisePlan plan, List<Segment> segments, UpdateEncoder encoder, NoiseSource source)
            implements LinearRound.Forwarding {

        @Override
        public Aggregation.Result decode(Summand total) {
            if (!total.segments().equals(segments)) {
                throw new IllegalArgumentException(
                        "segments of the sum must be " + segments + ", but was " + total.segments());
            }
            return inner.decode(total.withNoise(inner.segments(), plan.draw(source)));
        }
    }

    @Override
    public String toString() {
        return "GaussianMechanism(z=" + ledger.noiseMultiplier() + ") on " + rule;
    }

    /**
     * A privacy journal is missing, belongs to another run, was written by another writer, or does not continue a run's state. What
     * was spent is not known, so no round can run and nothing can be stated.
     */
    public static final class JournalException extends FederatedLearningException {

        private static final long serialVersionUID = 1;

        JournalException(String message) {
            super(message);
        }
    }
}
