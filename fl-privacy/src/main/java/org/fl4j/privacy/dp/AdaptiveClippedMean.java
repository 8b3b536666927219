package org.fl4j.privacy.dp;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ParameterSpec;

/**
 * {@link ClippedMean} whose clip norm follows a quantile of the clients' norms, so that it need not be guessed:
 *
 * <pre>  C &lt;- C exp(-eta (b - gamma)),   b = 1/2 + sum_k (1[||delta_k|| &lt;= C] - 1/2) / D</pre>
 *
 * <p>with gamma the target quantile, eta the rate, D the public denominator and b the (noised) fraction of updates whose
 * norm is <em>within</em> C: where too many are, C shrinks. The fraction is one more segment, {@code within}, of the
 * same release as the deltas, with noise of its own (default: a twentieth of the expected cohort); the deltas get a
 * little more noise in turn, so that the round stays one Gaussian of the mechanism's multiplier. C is kept in the rule's
 * state; b and C are the metrics {@code clip} (used in this round) and {@code within}.
 *
 * <p>STATISTIC parameters stay at the client. Immutable and thread-safe.
 *
 * <p>Source: Andrew, Thakkar, McMahan, Ramaswamy, "Differentially Private Learning with Adaptive Clipping", NeurIPS 2021,
 * algorithm 1 and section 3.1.
 */
public final class AdaptiveClippedMean implements BoundedAggregator {

    /** The target quantile unless set: {@value}, the median. */
    public static final double DEFAULT_QUANTILE = 0.5;

    /** The rate unless set: {@value}, the paper's. */
    public static final double DEFAULT_RATE = 0.2;

    /** The noise of the fraction's count unless set, as a share of the expected cohort: {@value}, the paper's. */
    public static final double DEFAULT_COUNT_NOISE = 0.05;

    private static final String WITHIN = "within";
    private static final String CLIP = "clip";
    private static final String KIND = "adaptive-clip";
    private static final int VERSION = 1;

    private static final double INDICATOR = 0.5;

    /** The noise of the count is about 2^20 steps, but an indicator is a whole number of them, and their sum exact. */
    private static final int NOISE_STEPS_EXPONENT = 20;

    private static final int SMALLEST_GRID_EXPONENT = -30;

    private final double start;
    private final double quantile;
    private final double rate;
    private final OptionalDouble countNoise;
    private final Denominator denominator;

    private AdaptiveClippedMean(
            double start, double quantile, double rate, OptionalDouble countNoise, Denominator denominator) {
        this.start = start;
        this.quantile = quantile;
        this.rate = rate;
        this.countNoise = countNoise;
        this.denominator = denominator;
    }

    /**
     * Starts from a clip norm, towards the median, with the paper's rate.
     *
     * @param clipNorm C of the first round, above 0; the paper starts at 0.1
     * @throws IllegalArgumentException if the norm is not positive and finite
     */
    public static AdaptiveClippedMean startingAt(double clipNorm) {
        ClipNorms.require("clip norm", clipNorm);
        return new AdaptiveClippedMean(
                clipNorm, DEFAULT_QUANTILE, DEFAULT_RATE, OptionalDouble.empty(), Denominator.EXPECTED_COHORT);
    }

    /**
     * Returns a copy with another target quantile.
     *
     * @param gamma in (0, 1)
     * @throws IllegalArgumentException if it is out of range
     */
    public AdaptiveClippedMean towardsQuantile(double gamma) {
        if (!(gamma > 0 && gamma < 1)) {
            throw new IllegalArgumentException("quantile must be in (0, 1), but was " + gamma);
        }
        return new AdaptiveClippedMean(start, gamma, rate, countNoise, denominator);
    }

    /**
     * Returns a copy with another rate.
     *
     * @param eta above 0, at most 10
     * @throws IllegalArgumentException if it is out of range
     */
    public AdaptiveClippedMean withRate(double eta) {
        if (!(eta > 0 && eta <= 10)) {
            throw new IllegalArgumentException("rate must be in (0, 10], but was " + eta);
        }
        return new AdaptiveClippedMean(start, quantile, eta, countNoise, denominator);
    }

    /**
     * Returns a copy with stated noise on the count of updates within C.
     *
     * @param sigma its standard deviation, in clients, above 0; 2 sigma must be above the mechanism's noise multiplier
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public AdaptiveClippedMean withCountNoise(double sigma) {
        Check.positive("count noise", sigma);
        return new AdaptiveClippedMean(start, quantile, rate, OptionalDouble.of(sigma), denominator);
    }

    /**
     * Returns a copy with a stated denominator.
     *
     * @param expectedClients D, above 0; must not depend on anything private
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public AdaptiveClippedMean dividingBy(double expectedClients) {
        return new AdaptiveClippedMean(start, quantile, rate, countNoise, Denominator.of(expectedClients));
    }

    @Override
    public BoundedRound begin(RoundContext context) {
        double clients = denominator.at(context);
        ComponentState state = context.state().expect(KIND, VERSION);
        double clip = state.isEmpty() ? start : state.doubleValue(CLIP);
        ClipPlan plan = ClipPlan.of(
                context.layout(), ClipNorms.flat(clip), spec -> spec.role() == ParameterSpec.Role.TRAINABLE);
        double countSigma = countNoise.orElse(DEFAULT_COUNT_NOISE * clients);
        return new Round(state, plan, clip, clients, countSigma, countGrid(countSigma));
    }

    private static double countGrid(double countSigma) {
        int exponent = Math.getExponent(countSigma) - NOISE_STEPS_EXPONENT;
        return Math.scalb(1.0, Math.max(SMALLEST_GRID_EXPONENT, Math.min(-1, exponent)));
    }

    /** A round at one clip norm, which is all of the state: the last release made it, so it is public. */
    private final class Round implements BoundedRound {

        private final ComponentState state;
        private final ClipPlan plan;
        private final double clip;
        private final double clients;
        private final double countGrid;
        private final List<Segment> segments;
        private final BoundedRound.Sensitivity sensitivity;

        Round(ComponentState state, ClipPlan plan, double clip, double clients, double countSigma, double countGrid) {
            this.state = state;
            this.plan = plan;
            this.clip = clip;
            this.clients = clients;
            this.countGrid = countGrid;
            this.segments = List.of(
                    new Segment(Segment.DELTA, plan.length(), plan.bound(), OptionalDouble.of(plan.grid())),
                    new Segment(WITHIN, 1, INDICATOR, OptionalDouble.of(countGrid)));
            this.sensitivity = new BoundedRound.Sensitivity(
                    Map.of(Segment.DELTA, plan.bound(), WITHIN, INDICATOR), Map.of(WITHIN, countSigma));
        }

        @Override
        public Optional<ComponentState> publicState() {
            return Optional.of(state);
        }

        @Override
        public List<Segment> segments() {
            return segments;
        }

        @Override
        public BoundedRound.Sensitivity sensitivity() {
            return sensitivity;
        }

        @Override
        public UpdateEncoder encoder() {
            return new Encoder(plan, clip, countGrid);
        }

        @Override
        public Aggregation.Result decode(Summand total) {
            double within = INDICATOR + total.get(WITHIN, 0) * countGrid / clients;
            // Noise may put the fraction outside [0, 1]; the exponent is bounded, so that no round changes C beyond
            // e^eta.
            double next = clip * StrictMath.exp(-rate * Math.max(-1, Math.min(1, within - quantile)));
            double kept = Math.max(ClipNorms.SMALLEST, Math.min(ClipNorms.LARGEST, next));
            return new Aggregation.Result(
                    plan.unpack(total.toArray(Segment.DELTA), plan.grid() / clients),
                    ComponentState.of(KIND, VERSION).with(CLIP, kept),
                    Map.of(CLIP, clip, WITHIN, within));
        }
    }

    /** What is damped counts in full among those within C: the clip norm goes by what clients sent. */
    private record Encoder(ClipPlan plan, double clip, double countGrid) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            return encode(update, 1);
        }

        @Override
        public Contribution encode(ClientUpdate update, double damping) {
            double[] clipped = plan.clipped(update.delta(), damping);
            double indicator = plan.norm(update.delta()) <= clip ? INDICATOR : -INDICATOR;
            return sum -> {
                sum.add(Segment.DELTA, clipped);
                sum.add(WITHIN, 0, indicator / countGrid);
            };
        }
    }

    @Override
    public String toString() {
        return "AdaptiveClippedMean(start=" + start + ", quantile=" + quantile + ", rate=" + rate + ", denominator="
                + denominator + ")";
    }
}
