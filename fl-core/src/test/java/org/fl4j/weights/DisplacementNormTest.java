package org.fl4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The pass that makes a displacement takes its norm and its finiteness along, with the bits of a pass of their own. */
class DisplacementNormTest {

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({
        "FLOAT, 1", "FLOAT, 7", "FLOAT, 8", "FLOAT, 4096", "FLOAT, 4099", "FLOAT, 12305",
        "DOUBLE, 1", "DOUBLE, 7", "DOUBLE, 8", "DOUBLE, 4096", "DOUBLE, 4099", "DOUBLE, 12305"
    })
    void hasTheBitsOfAPassOfItsOwn(DataType dtype, int d) {
        double[] local = random(d, 1);
        ModelDelta delta = displacement(dtype, local);
        ModelDelta again = delta.times(1);

        assertTrue(delta.isFinite());
        assertEquals(Double.doubleToLongBits(again.norm2()), Double.doubleToLongBits(delta.norm2()));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"FLOAT, 4099, NaN", "FLOAT, 4099, -Infinity", "DOUBLE, 7, NaN", "DOUBLE, 4099, Infinity"})
    void findsWhatIsNotFinite(DataType dtype, int d, double bad) {
        double[] local = random(d, 2);
        local[d - 1] = bad;
        ModelDelta delta = displacement(dtype, local);

        assertFalse(delta.isFinite());
        assertEquals(OptionalInt.of(d - 1), delta.firstNonFinite());
    }

    /** The squares overflow and the values do not. */
    @ParameterizedTest
    @CsvSource({"3", "4099"})
    void aLargeDisplacementIsFinite(int d) {
        double[] local = random(d, 3);
        local[0] = 1e200;
        assertTrue(displacement(DataType.DOUBLE, local).isFinite());
    }

    private static ModelDelta displacement(DataType dtype, double[] local) {
        ParameterLayout layout = new ParameterLayout(dtype, List.of(ParameterSpec.trainable("w", local.length)));
        try (INDArray from = Nd4j.createFromArray(random(local.length, 4)).castTo(dtype);
                INDArray to = Nd4j.createFromArray(local).castTo(dtype)) {
            return ModelWeights.copyOf(layout, from).displacementTo(to);
        }
    }

    private static double[] random(int d, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        double[] values = new double[d];
        for (int i = 0; i < d; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }
}
