package org.fl4j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class ModelDeltaTest {

    private static final ParameterLayout OTHER = Fixtures.layout(DataType.FLOAT, ParameterSpec.trainable("v", 1));

    @FloatAndDouble
    void displacementsAddUp(DataType dtype) {
        ModelDelta a = ModelDelta.of(layout(dtype), 1, 2, 3, 4);
        ModelDelta b = ModelDelta.of(layout(dtype), 0.5, -2, 8, 0.25);

        assertEquals(ModelDelta.of(layout(dtype), 1.5, 0, 11, 4.25), a.plus(b));
        assertEquals(ModelDelta.of(layout(dtype), 0.5, 4, -5, 3.75), a.minus(b));
    }

    @Test
    void butNotThoseOfTwoModels() {
        ModelDelta mine = ModelDelta.zero(layout(DataType.FLOAT));
        ModelDelta theirs = ModelDelta.zero(OTHER);
        String why = "the layouts differ: parameter 0 is 'v' but the global model has 'w' there";

        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> mine.plus(theirs))
                        .getMessage());
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> mine.minus(theirs))
                        .getMessage());
    }

    @FloatAndDouble
    void leavesStatisticsOut(DataType dtype) {
        ModelDelta all = ModelDelta.of(layout(dtype), 1, 2, 3, 4);

        assertEquals(ModelDelta.of(layout(dtype), 1, 0, 0, 4), all.trainableOnly());
        assertSame(
                ModelDelta.zero(OTHER).layout(),
                ModelDelta.zero(OTHER).trainableOnly().layout());
    }

    @FloatAndDouble
    void copiesAStretch(DataType dtype) {
        ModelDelta delta = ModelDelta.of(layout(dtype), 1, 2, 3, 4);
        double[] into = {9, 9, 9, 9};

        delta.copyTo(1, 2, into, 2);

        assertArrayEquals(new double[] {9, 9, 2, 3}, into);
        assertThrows(IndexOutOfBoundsException.class, () -> delta.copyTo(3, 2, into, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> delta.copyTo(0, 2, into, 3));
    }

    @FloatAndDouble
    void isRememberedBitForBit(DataType dtype) {
        ModelDelta delta = ModelDelta.of(layout(dtype), 0.1, -0.0, 1e-30, 4);
        ComponentState state = delta.putInto(ComponentState.of("variate", 1), "c");

        assertEquals(delta, ModelDelta.from(state, "c", layout(dtype)));
    }

    @Test
    void whatIsRememberedOfAnotherModelIsRefused() {
        ComponentState state = ModelDelta.zero(OTHER).putInto(ComponentState.of("variate", 1), "c");

        assertEquals(
                "'c' of the state of 'variate' has 1 values but the layout has 4; is it the state of a run with another"
                        + " model?",
                assertThrows(IllegalStateException.class, () -> ModelDelta.from(state, "c", layout(DataType.FLOAT)))
                        .getMessage());
    }

    private static ParameterLayout layout(DataType dtype) {
        return Fixtures.layoutWithStatistics(dtype, 1, 2, 1);
    }
}
