package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An audit of the real release path. A canary sends the largest delta that the clip lets through; an attacker who knows all
 * else guesses from the released aggregate whether it took part. Were the mechanism (epsilon, delta)-private, then for
 * every event E: P(E with) &lt;= e^epsilon P(E without) + delta. So confidence bounds of the two frequencies give a lower bound
 * of epsilon that no right implementation exceeds, but with the stated probability.
 *
 * <p>z = 1, everybody takes part: claimed epsilon 4.377 at delta 1e-5. Half a million releases each with and without (fewer
 * for what is broken: it shows sooner); 96 events, each with two Clopper-Pearson bounds that are wrong with probability
 * 1e-6 / 192: a false alarm in a million runs.
 */
@Timeout(300)
class ReleaseAuditTest {

    private static final int RELEASES = 500_000;
    private static final int FEWER = 200_000;
    private static final int LOGGED = 20_000;
    private static final int PARAMETERS = 10;
    private static final int CLIENTS = 3;
    private static final double CLIP = 0.7;
    private static final double DELTA = 1e-5;
    private static final int EVENTS = 48;
    private static final double LOWEST = -6;
    private static final double APART = 0.25;
    private static final double FALSE_ALARM = 1e-6 / (4 * EVENTS);
    private static final RoundContext CONTEXT = Releases.context(PARAMETERS, CLIENTS);
    private static final Segment IN_RING = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1)
            .begin(CONTEXT)
            .segments()
            .get(0);
    private static final double STEPS = Math.floor(CLIP / IN_RING.grid().orElseThrow());
    private static final int BITS = 24;

    @Test
    void theClaimHolds() {
        double claimed = AnalyticGaussian.ofSigma(1).epsilon(DELTA);
        double seen = epsilonOf(GaussianMechanism.on(ClippedMean.fixed(CLIP), 1), RELEASES);

        assertEquals(4.377, claimed, 5e-4);
        assertTrue(seen < claimed, () -> "an attacker shows " + seen + ", the claim is " + claimed);
        assertTrue(seen > 2.5, () -> "an attacker shows only " + seen + ": is this audit blind?");
    }

    @Test
    void detectsHalfTheNoise() {
        GaussianMechanism broken = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1)
                .drawingFrom((distribution, n) ->
                        DiscreteGaussian.of(distribution.sigma() / 2).draw(n));
        double seen = epsilonOf(broken, FEWER);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
    }

    /** Whatever a rule's encoder makes of an update: the canary, twice as much as declared, is left out, with a log line. */
    @Test
    void aWeightAfterTheClipShowsNothing() {
        double seen = epsilonOf(GaussianMechanism.on(new TwiceAsMuch(ClippedMean.fixed(CLIP)), 1), LOGGED);

        assertTrue(seen < 0.1, () -> "an attacker shows " + seen);
    }

    /** The same weight where no mechanism looks: applied to what the encoder has clipped. */
    @Test
    void detectsAForgottenWeight() {
        LinearRound once = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1).begin(CONTEXT);
        LinearRound broken = new WeighedAfterTheClip(once);
        ClientUpdate honest = Fixtures.update(0, coordinate(-CLIP / 4));
        ClientUpdate bird = Fixtures.update(1, coordinate(100 * CLIP));
        double seen = audited(canary -> release(broken, canary ? List.of(honest, bird) : List.of(honest)), FEWER);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
    }

    private record WeighedAfterTheClip(LinearRound inner) implements LinearRound.Forwarding {

        @Override
        public UpdateEncoder encoder() {
            UpdateEncoder clipped = inner.encoder();
            return update -> sum -> {
                clipped.encode(update).addTo(sum);
                clipped.encode(update).addTo(sum);
            };
        }
    }

    /**
     * A round that is abandoned when the sum is too large, looked at before the noise: the canary's boundary is where the others' sum is just below. It shows
     * as the highest event; the noise hides nothing of it.
     */
    @Test
    void detectsAnAbortThatDependsOnTheSum() {
        LinearRound honest = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1).begin(CONTEXT);
        LinearRound broken = new AbandonedAbove(honest, 0);
        ClientUpdate others = Fixtures.update(0, coordinate(-CLIP / 2));
        ClientUpdate bird = Fixtures.update(1, coordinate(100 * CLIP));
        double seen = audited(canary -> recovered(broken, canary ? List.of(others, bird) : List.of(others)), LOGGED);
        double fixed = audited(canary -> recovered(honest, canary ? List.of(others, bird) : List.of(others)), LOGGED);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
        assertTrue(fixed < AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows " + fixed);
    }

    private record AbandonedAbove(LinearRound inner, double limit) implements LinearRound.Forwarding {

        @Override
        public Aggregation.Result decode(Summand total) {
            if (total.get(Segment.DELTA, 0) > limit) {
                throw new IllegalStateException("the sum is too large");
            }
            return inner.decode(total);
        }
    }

    private static double recovered(LinearRound round, List<ClientUpdate> updates) {
        try {
            return release(round, updates);
        } catch (IllegalStateException abandoned) {
            return LOWEST + (EVENTS + 1) * APART;
        }
    }

    /** Under masks, beside a client in league with the attacker that moves the sum without the canary to the end of the ring. */
    @Test
    void theClaimHoldsAtTheEndOfTheRing() {
        double claimed = AnalyticGaussian.ofSigma(1).epsilon(DELTA);
        LinearRound round = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1).begin(CONTEXT);
        double unwrapped = audited(canary -> atTheEnd(round, canary, ReleaseAuditTest::unwrapped), FEWER);
        double side = audited(canary -> atTheEnd(round, canary, ReleaseAuditTest::side), FEWER);

        assertTrue(unwrapped < claimed && side < claimed, () -> unwrapped + ", " + side + ", the claim is " + claimed);
        assertTrue(unwrapped > 2, () -> "an attacker shows only " + unwrapped + ": is this audit blind?");
    }

    /** As if the sum were centred, then noised. */
    @Test
    void detectsNoiseOutsideTheRing() {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1);
        LinearRound broken = new CenteredFirst(rule.begin(CONTEXT));
        double seen = audited(canary -> atTheEnd(broken, canary, ReleaseAuditTest::side), FEWER);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
    }

    private record CenteredFirst(LinearRound inner) implements LinearRound.Forwarding {

        @Override
        public Aggregation.Result decode(Summand total) {
            return inner.decode(total.withNoise(total.segments(), new double[total.length()]));
        }
    }

    /** The others' sum and what the attacker's client masks come to half a clip below the end, the canary to half above. */
    private static double atTheEnd(LinearRound round, boolean canary, DoubleUnaryOperator attacker) {
        double end = Math.scalb(1.0, BITS - 1);
        double[] residues = new double[PARAMETERS];
        residues[0] = canary ? Math.rint(STEPS / 2) - end : end - Math.rint(STEPS / 2);
        Summand sum = Summand.modulo(round.segments(), List.of(BITS), residues);
        double released =
                round.decode(sum).aggregate().get(0) * CLIENTS / IN_RING.grid().orElseThrow();
        return attacker.applyAsDouble(released);
    }

    /** What the sum would be without the wrap, in clips. */
    private static double unwrapped(double released) {
        double end = Math.scalb(1.0, BITS - 1);
        return (released > 0 ? released - end : released + end) / STEPS + 0.5;
    }

    private static double side(double released) {
        return released > 0 ? LOWEST : -LOWEST;
    }

    /** A rule that weighs by two and forgets to say so. */
    private record TwiceAsMuch(BoundedAggregator rule) implements BoundedAggregator {

        @Override
        public BoundedRound begin(RoundContext context) {
            BoundedRound round = rule.begin(context);
            UpdateEncoder once = round.encoder();
            return BoundedRound.of(
                    round.segments(),
                    round.sensitivity(),
                    update -> sum -> {
                        once.encode(update).addTo(sum);
                        once.encode(update).addTo(sum);
                    },
                    round::decode);
        }
    }

    /** The largest lower bound of epsilon over events "above t" and "below t", in units of clip / clients. */
    private static double epsilonOf(LinearAggregator rule, int releases) {
        ClientUpdate honest = Fixtures.update(0, coordinate(-CLIP / 2));
        ClientUpdate bird = Fixtures.update(1, coordinate(100 * CLIP));
        LinearRound round = rule.begin(CONTEXT);
        return audited(canary -> release(round, canary ? List.of(honest, bird) : List.of(honest)), releases);
    }

    private static double audited(Release release, int releases) {
        int[] without = frequencies(release, releases, false);
        int[] with = frequencies(release, releases, true);
        double largest = 0;
        for (int event = 0; event < EVENTS; event++) {
            largest = Math.max(largest, shown(above(with, event), above(without, event), releases));
            largest =
                    Math.max(largest, shown(releases - above(without, event), releases - above(with, event), releases));
        }
        return largest;
    }

    /** What an attacker makes of one release with or without the canary. */
    @FunctionalInterface
    private interface Release {

        double of(boolean canary);
    }

    private static double shown(int often, int seldom, int releases) {
        double p = ClopperPearson.lower(often, releases, FALSE_ALARM);
        double q = ClopperPearson.upper(seldom, releases, FALSE_ALARM);
        return p <= DELTA ? 0 : Math.log((p - DELTA) / q);
    }

    private static int above(int[] frequencies, int event) {
        return IntStream.range(event + 1, frequencies.length)
                .map(i -> frequencies[i])
                .sum();
    }

    /** How often the canary's coordinate fell into each interval between thresholds. */
    private static int[] frequencies(Release release, int releases, boolean canary) {
        return IntStream.range(0, 64)
                .parallel()
                .mapToObj(part -> {
                    int[] counts = new int[EVENTS + 1];
                    for (int i = part; i < releases; i += 64) {
                        counts[interval(release.of(canary))]++;
                    }
                    return counts;
                })
                .reduce(new int[EVENTS + 1], (a, b) -> {
                    int[] sum = new int[a.length];
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] = a[i] + b[i];
                    }
                    return sum;
                });
    }

    /** Without the canary there is one update only: its place contributes nothing. */
    private static double release(LinearRound round, List<ClientUpdate> updates) {
        try (Aggregation aggregation = round.aggregation()) {
            for (int position = 0; position < updates.size(); position++) {
                aggregation.add(position, updates.get(position));
            }
            return aggregation.finish().aggregate().get(0) * CLIENTS / CLIP + 0.5;
        }
    }

    private static int interval(double value) {
        return (int) Math.max(0, Math.min(EVENTS, Math.ceil((value - LOWEST) / APART)));
    }

    private static ModelDelta coordinate(double value) {
        double[] values = new double[PARAMETERS];
        values[0] = value;
        return ModelDelta.of(CONTEXT.layout(), values);
    }
}
