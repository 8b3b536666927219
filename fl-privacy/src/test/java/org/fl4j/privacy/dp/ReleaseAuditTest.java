package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Sensitivity;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.model.ModelDelta;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An audit of the real release path. A canary sends the largest delta that the clip lets through; an attacker who knows all
 * else guesses from the released aggregate whether it took part. Were the mechanism (epsilon, delta)-private, then for
 * every event E: P(E with) &lt;= e^epsilon P(E without) + delta. So confidence bounds of the two frequencies give a lower bound
 * of epsilon that no right implementation exceeds, but with the stated probability.
 *
 * <p>z = 1, everybody takes part: claimed epsilon 4.377 at delta 1e-5. A million releases each with and without (fewer
 * for what is broken: it shows sooner); 96 events, each with two Clopper-Pearson bounds that are wrong with probability
 * 1e-6 / 192: a false alarm in a million runs.
 */
@Timeout(300)
class ReleaseAuditTest {

    private static final int RELEASES = 1_000_000;
    private static final int FEWER = 200_000;
    private static final int PARAMETERS = 10;
    private static final int CLIENTS = 3;
    private static final double CLIP = 0.7;
    private static final double DELTA = 1e-5;
    private static final int EVENTS = 48;
    private static final double LOWEST = -6;
    private static final double APART = 0.25;
    private static final double FALSE_ALARM = 1e-6 / (4 * EVENTS);
    private static final RoundContext CONTEXT = Releases.context(PARAMETERS, CLIENTS);

    @Test
    void theClaimHolds() {
        double claimed = AnalyticGaussian.ofSigma(1).epsilon(DELTA);
        double seen = audited(GaussianMechanism.on(ClippedMean.fixed(CLIP), 1), RELEASES);

        assertEquals(4.377, claimed, 5e-4);
        assertTrue(seen < claimed, () -> "an attacker shows " + seen + ", the claim is " + claimed);
        assertTrue(seen > 2.5, () -> "an attacker shows only " + seen + ": is this audit blind?");
    }

    @Test
    void halfTheNoiseIsFoundOut() {
        GaussianMechanism broken = GaussianMechanism.on(ClippedMean.fixed(CLIP), 1)
                .drawingFrom((distribution, n) ->
                        DiscreteGaussian.of(distribution.sigma() / 2).draw(n));
        double seen = audited(broken, FEWER);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
    }

    @Test
    void aWeightAfterTheClipIsFoundOut() {
        double seen = audited(GaussianMechanism.on(new TwiceAsMuch(ClippedMean.fixed(CLIP)), 1), FEWER);

        assertTrue(seen > AnalyticGaussian.ofSigma(1).epsilon(DELTA), () -> "an attacker shows only " + seen);
    }

    /** A rule that weighs by two and forgets to say so. */
    private record TwiceAsMuch(BoundedAggregator rule) implements BoundedAggregator {

        @Override
        public Sensitivity sensitivity(RoundContext context) {
            return rule.sensitivity(context);
        }

        @Override
        public List<Segment> segments(RoundContext context) {
            return rule.segments(context);
        }

        @Override
        public UpdateEncoder encoder(RoundContext context) {
            UpdateEncoder once = rule.encoder(context);
            return (update, into) -> {
                once.encode(update, into);
                once.encode(update, into);
            };
        }

        @Override
        public AggregationResult decode(Summand total, RoundContext context) {
            return rule.decode(total, context);
        }
    }

    /** The largest lower bound of epsilon over events "above t" and "below t", in units of clip / clients. */
    private static double audited(LinearAggregator rule, int releases) {
        int[] without = frequencies(rule, releases, false);
        int[] with = frequencies(rule, releases, true);
        double largest = 0;
        for (int event = 0; event < EVENTS; event++) {
            largest = Math.max(largest, shown(above(with, event), above(without, event), releases));
            largest =
                    Math.max(largest, shown(releases - above(without, event), releases - above(with, event), releases));
        }
        return largest;
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
    private static int[] frequencies(LinearAggregator rule, int releases, boolean canary) {
        ClientUpdate honest = Releases.update(0, coordinate(-CLIP / 2));
        ClientUpdate bird = Releases.update(1, coordinate(100 * CLIP));
        return IntStream.range(0, 64)
                .parallel()
                .mapToObj(part -> {
                    int[] counts = new int[EVENTS + 1];
                    for (int i = part; i < releases; i += 64) {
                        counts[interval(release(rule, canary ? List.of(honest, bird) : List.of(honest)))]++;
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
    private static double release(LinearAggregator rule, List<ClientUpdate> updates) {
        try (Aggregation aggregation = rule.begin(CONTEXT)) {
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
