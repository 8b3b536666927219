package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.model.StatisticsSpec.Kind;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Areas from binned scores against areas from the scores themselves, pooled from 100 clients. */
class AreaTest {

    private static final StatisticsSpec SCORES = StatisticsSpec.of(Kind.SCORES);
    private static final int N = 100_000;

    /** Where scores crowd: logits of the rare class and of the others. */
    enum Crowd {
        /** As of a trained model. */
        SPREAD(0, 2, 2),
        /** Below one in ten million. */
        NEAR_ZERO(-18, 2, 1.5),
        /** Where FP32 has few numbers left. */
        NEAR_ONE(11, 1.5, 1.5),
        /** One in a thousand, a model that has barely begun: all scores within some percent. */
        NARROW(-6.9, 0.05, 0.05),
        /** Most scores are exactly 0 or 1. */
        SATURATED(0, 40, 20);

        final double at;
        final double deviation;
        final double shift;

        Crowd(double at, double deviation, double shift) {
            this.at = at;
            this.deviation = deviation;
            this.shift = shift;
        }

        /** @param oneIn one of how many is of class 1 */
        Predictions predictions(int oneIn) {
            DeterministicRandom random = new DeterministicRandom(Seeds.derive(1, name()));
            int[] labels = new int[N];
            float[] scores = new float[N];
            for (int i = 0; i < N; i++) {
                labels[i] = i % oneIn == 0 ? 1 : 0;
                double logit = at + deviation * random.nextGaussian() + labels[i] * shift;
                scores[i] = (float) (1 / (1 + Math.exp(-logit)));
            }
            return Predictions.binary(labels, scores);
        }
    }

    @ParameterizedTest
    @EnumSource
    void areasOfOneInAThousand(Crowd crowd) {
        check(crowd.predictions(1000));
    }

    @ParameterizedTest
    @EnumSource
    void areasOfHalf(Crowd crowd) {
        check(crowd.predictions(2));
    }

    private static void check(Predictions all) {
        Statistics pooled = Predictions.sum(all.clients(SCORES, 100)).statistics();
        double[] exact = exact(all, 1);
        Area roc = pooled.roc(1).orElseThrow();
        Area pr = pooled.averagePrecision(1).orElseThrow();
        assertWithin(exact[0], roc);
        assertWithin(exact[1], pr);
        assertEquals(exact[0], roc.value(), 1e-3);
        assertEquals(exact[1], pr.value(), 1e-3);
        // Of class 0, by the scores of class 1 from the lowest up.
        assertEquals(roc.value(), pooled.roc(0).orElseThrow().value(), 1e-12);
        assertWithin(exact(all, 0)[1], pooled.averagePrecision(0).orElseThrow());
    }

    private static void assertWithin(double exact, Area area) {
        assertTrue(Math.abs(exact - area.value()) <= area.error() + 1e-12, () -> exact + " is not within " + area);
    }

    /** All pairs of a bin in the wrong order, or the right one: the bound is reached. */
    @Test
    void theBoundIsTight() {
        float low = 0.5f;
        float high = Math.nextUp(low);
        assertEquals(ScoreBins.of(low), ScoreBins.of(high));
        Area area = Predictions.binary(new int[] {0, 1}, new float[] {low, high})
                .central(SCORES)
                .statistics()
                .roc(1)
                .orElseThrow();
        assertEquals(new Area(0.5, 0.5), area);
        Area precision = Predictions.binary(new int[] {0, 1}, new float[] {low, high})
                .central(SCORES)
                .statistics()
                .averagePrecision(1)
                .orElseThrow();
        assertEquals(new Area(0.5, 0.5), precision);
    }

    /** Random scores of few bins and all imbalances: the bound holds whatever the order within bins. */
    @Test
    void theBoundHoldsForManySmallSets() {
        DeterministicRandom random = new DeterministicRandom(3);
        for (int trial = 0; trial < 2_000; trial++) {
            int n = 2 + random.nextInt(40);
            int[] labels = new int[n];
            float[] scores = new float[n];
            double share = random.nextDouble();
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextDouble() < share ? 1 : 0;
                scores[i] = (float) (0.5 + 0.001 * random.nextInt(12) / 12);
            }
            Predictions all = Predictions.binary(labels, scores);
            Statistics statistics = all.central(SCORES).statistics();
            boolean isDefined = Arrays.stream(labels).distinct().count() == 2;
            assertEquals(isDefined, statistics.roc(1).isPresent());
            for (int c = 0; isDefined && c < 2; c++) {
                double[] exact = exact(all, c);
                assertWithin(exact[0], statistics.roc(c).orElseThrow());
                assertWithin(exact[1], statistics.averagePrecision(c).orElseThrow());
            }
        }
    }

    /** Examples in order of class 1: 1, 0, 1, 0. */
    @Test
    void areasByHand() {
        Statistics statistics = Predictions.binary(new int[] {0, 1, 1, 0}, new float[] {0.1f, 0.9f, 0.4f, 0.5f})
                .central(SCORES)
                .statistics();
        assertEquals(Optional.of(new Area(3 / 4.0, 0)), statistics.roc(1));
        assertEquals(Optional.of(new Area((1 + 2 / 3.0) / 2, 0)), statistics.averagePrecision(1));
        // In order of class 0: 0, 1, 0, 1.
        assertEquals(Optional.of(new Area((1 + 2 / 3.0) / 2, 0)), statistics.averagePrecision(0));
    }

    @Test
    void equalScoresAreOneThreshold() {
        Statistics statistics = Predictions.binary(new int[] {1, 0, 0, 0, 1}, new float[5])
                .central(SCORES)
                .statistics();
        assertEquals(0.5, statistics.roc(1).orElseThrow().value());
        assertEquals(2 / 5.0, statistics.averagePrecision(1).orElseThrow().value());
    }

    @Test
    void binsAreNarrowAndInOrder() {
        int before = 0;
        float first = 0x1p-60f;
        for (float p = first; p < 1; p = next(p)) {
            int bin = ScoreBins.of(p);
            assertTrue(bin >= before, "order at " + p);
            if (bin > before) {
                before = bin;
                first = p;
            }
            assertTrue(logit(p) - logit(first) <= 1 / 1024.0, "width at " + p);
        }
        assertEquals(ScoreBins.COUNT - 1, ScoreBins.of(1));
        assertEquals(ScoreBins.COUNT - 2, ScoreBins.of(Math.nextDown(1f)));
        assertEquals(0, ScoreBins.of(0));
        assertEquals(1, ScoreBins.of(0x1p-64f));
        assertEquals(0, ScoreBins.of(Math.nextDown(0x1p-64f)));
        assertEquals(0, ScoreBins.of(Float.NaN));
    }

    private static float next(float p) {
        return Math.max(Math.nextUp(p), Math.min(p * 1.0001f, 1 - (1 - p) * 0.9999f));
    }

    private static double logit(double p) {
        return Math.log(p / (1 - p));
    }

    /** ROC area and average precision of a class by sorting; equal scores are one threshold. */
    private static double[] exact(Predictions all, int which) {
        float[] scores = new float[all.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = which == 1 ? all.rows()[2 * i + 1] : -all.rows()[2 * i + 1];
        }
        Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
        double own = Arrays.stream(all.labels()).filter(label -> label == which).count();
        double found = 0;
        double above = 0;
        double precisions = 0;
        for (int from = 0, to; from < order.length; from = to) {
            double here = 0;
            for (to = from; to < order.length && scores[order[to]] == scores[order[from]]; to++) {
                here += all.labels()[order[to]] == which ? 1 : 0;
            }
            above += (to - from - here) * (found + here / 2);
            found += here;
            precisions += here * found / to;
        }
        return new double[] {above / (own * (scores.length - own)), precisions / own};
    }
}
