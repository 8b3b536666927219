package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** The values of {@link SevenUpdates}. Sums of sixteenths are exact, so only quotients and roots round. */
class KnownAnswersTest {

    private static final double ROUNDING = 1e-15;

    private final double[][] squared = SquaredDistances.of(SevenUpdates.held(SevenUpdates.in(DataType.FLOAT)));

    @Test
    void krumScores() {
        double[] scores = new KrumScores(squared, 1).scores();

        assertArrayEquals(SevenUpdates.KRUM_SCORES, scores);
        assertArrayEquals(SevenUpdates.MULTI_KRUM_4, Arrays.copyOf(Neighbours.ascending(scores), 4));
    }

    @FloatAndDouble
    void krumIsTheDeltaOfTheBestScore(DataType dtype) {
        List<ModelDelta> deltas = SevenUpdates.in(dtype);

        assertEquals(deltas.get(SevenUpdates.KRUM), Rounds.aggregate(Krum.tolerating(1), deltas));
    }

    @Test
    void multiKrum() {
        expect(SevenUpdates.MULTI_KRUM_4_RESULT, MultiKrum.tolerating(1).selecting(4), 0);
        expect(SevenUpdates.MULTI_KRUM_4_RESULT, MultiKrum.tolerating(1), 0);
        expect(SevenUpdates.VALUES[SevenUpdates.KRUM], MultiKrum.tolerating(1).selecting(1), 0);
    }

    @Test
    void median() {
        expect(SevenUpdates.MEDIAN, CoordinateMedian.of(), 0);
        expect(SevenUpdates.MEDIAN, CoordinateMedian.tolerating(3), 0);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        List<ModelDelta> deltas = Rounds.deltas(Fixtures.layout(1), new double[][] {{9}, {2}, {1}, {4}});

        assertEquals(3, Rounds.aggregate(CoordinateMedian.of(), deltas).get(0));
    }

    /** floor(0.2 * 7) is 1. */
    @Test
    void trimmedMean() {
        expect(SevenUpdates.TRIMMED_MEAN_ONE_EACH_SIDE, TrimmedMean.share(0.2), ROUNDING);
    }

    /** Multi-Krum would not take update 5, the worst of the honest scores: so the scores are taken anew each time. */
    @Test
    void bulyanSelectsByScoresTakenAnew() {
        assertArrayEquals(SevenUpdates.BULYAN, Bulyan.select(squared, 1));
    }

    @Test
    void bulyan() {
        expect(SevenUpdates.BULYAN_RESULT, Bulyan.tolerating(1), ROUNDING);
    }

    /** Distances of up to 150 and coordinates of up to 5: some ten roundings of 1e-16 each. */
    @Test
    void everyStepOfTheSmoothedWeiszfeldIteration() {
        for (int steps = 1; steps <= 4; steps++) {
            GeometricMedian rule = GeometricMedian.uniform().withMaxIterations(steps);

            expect(SevenUpdates.WEISZFELD_STEPS[steps - 1], rule, 1e-14);
        }
    }

    @Test
    void geometricMedian() {
        GeometricMedian rule = GeometricMedian.uniform().withMaxIterations(1000).withTolerance(1e-13);

        expect(SevenUpdates.GEOMETRIC_MEDIAN, rule, 1e-12);
    }

    /** A pull of 1e-6 may remain; the honest updates are some 0.8 away. */
    @Test
    void geometricMedianByDefault() {
        expect(SevenUpdates.GEOMETRIC_MEDIAN, GeometricMedian.uniform(), 5e-6);
    }

    /** The point that sees the three sides at 120 degrees. */
    @Test
    void geometricMedianOfATriangle() {
        List<ModelDelta> corners = Rounds.deltas(Fixtures.layout(2), new double[][] {{0, 0}, {1, 0}, {0, 1}});
        GeometricMedian rule = GeometricMedian.uniform().withMaxIterations(1000).withTolerance(1e-13);
        ModelDelta median = Rounds.aggregate(rule, corners);

        assertEquals(0.21132486540518713, median.get(0), 1e-12);
        assertEquals(0.21132486540518713, median.get(1), 1e-12);
    }

    private static void expect(double[] expected, DirectAggregator rule, double within) {
        ModelDelta actual = Rounds.aggregate(rule, SevenUpdates.in(DataType.DOUBLE));

        for (int k = 0; k < expected.length; k++) {
            assertEquals(expected[k], actual.get(k), within, rule + ", coordinate " + k);
        }
    }
}
