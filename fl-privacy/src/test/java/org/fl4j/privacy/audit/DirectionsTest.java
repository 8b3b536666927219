package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class DirectionsTest {

    /** n below a word, of a word, of several; d a multiple of n and not. */
    @ParameterizedTest
    @CsvSource({"5, 8", "5, 21", "2, 3", "64, 64", "64, 1000", "100, 300", "130, 1024"})
    void areOrthonormalAndScoresAreInnerProducts(int canaries, int d) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.FLOAT, d / 2, 3, d - d / 2);
        Directions directions = Directions.of(layout, canaries, 11);
        ModelWeights zero = ModelWeights.zero(layout);
        DeterministicRandom random = new DeterministicRandom(3);
        ModelDelta vector = ModelDelta.of(layout, Fixtures.gaussian(random, layout.length()));
        float[] scores = Directions.scores(directions.folded(zero.plus(vector)), canaries);
        double ratio = product(directions.times(0, 1), vector) / scores[0];

        for (int i = 0; i < canaries; i++) {
            ModelDelta one = directions.times(i, 1);
            assertEquals(product(one, vector), ratio * scores[i], 1e-5, "canary " + i);
            for (int j = 0; j <= i; j++) {
                assertEquals(i == j ? 1 : 0, product(one, directions.times(j, 1)), 1e-6, i + ", " + j);
            }
        }
    }

    @Test
    void aFactorStretchesAndTurns() {
        Directions directions = Directions.of(Fixtures.layout(DataType.DOUBLE, 8), 4, 11);

        assertEquals(directions.times(3, 2), directions.times(3, 1).times(2));
        assertEquals(directions.times(3, -1), directions.times(3, 1).times(-1));
    }

    /** The statistics in between and what is left at the end are not touched. */
    @Test
    void otherCoordinatesAreZero() {
        ModelDelta direction = Directions.of(Fixtures.layoutWithStatistics(DataType.FLOAT, 3, 2, 3), 4, 1)
                .times(2, 1);

        for (int i = 0; i < 8; i++) {
            assertEquals(i < 3 || i == 5 ? 0.5 : 0, Math.abs(direction.get(i)), "coordinate " + i);
        }
    }

    /** Each sign of the common factor is a fair coin: 1,000,000 of them, within 5 standard deviations. */
    @Test
    void signsAreFair() {
        ModelDelta direction =
                Directions.of(Fixtures.layout(DataType.FLOAT, 1_000_000), 2, 99).times(0, 1000);
        double sum = 0;
        for (int i = 0; i < 1_000_000; i++) {
            sum += direction.get(i);
        }

        assertTrue(Math.abs(sum) < 5000 && sum != 0, "sum " + sum);
    }

    @Test
    void rejectsMoreCanariesThanCoordinates() {
        ParameterLayout layout = Fixtures.layout(100);

        assertEquals(
                "an audit with 65 canaries needs at least 128 trainable coordinates, one for each canary's direction, but the"
                        + " model has 100; take fewer canaries",
                assertThrows(IllegalArgumentException.class, () -> Directions.of(layout, 65, 1))
                        .getMessage());
    }

    /** 2 s for 10^9 coordinates are 0.2 s for these; ten times that is allowed for a busy machine. */
    @Test
    void generatesAndScoresFast() {
        int d = 1_000_000;
        Directions directions = Directions.of(Fixtures.layout(DataType.FLOAT, d), 1000, 5);
        ModelWeights weights =
                ModelWeights.zero(Fixtures.layout(DataType.FLOAT, d)).plus(directions.times(3, 1));
        float[] values = new float[d];
        long start = System.nanoTime();
        for (int canary = 0; canary < 100; canary++) {
            directions.fill(canary, 1, values);
        }
        float[] scores = Directions.scores(directions.folded(weights), 1000);
        double seconds = (System.nanoTime() - start) / 1e9;

        assertTrue(seconds < 2, () -> seconds + " s");
        assertTrue(scores[3] > 0);
    }

    private static double product(ModelDelta a, ModelDelta b) {
        double sum = 0;
        for (int i = 0; i < a.layout().length(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }
}
