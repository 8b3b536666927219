package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The rules that other tests use keep the contract, and the contract has rules of both kinds to be tried on. */
class TestRulesTest {

    @Nested
    class Mean extends LinearAggregatorContract {
        @Override
        protected LinearAggregator newRule() {
            return new TestMean();
        }
    }

    @Nested
    class ClippedMean extends LinearAggregatorContract {
        @Override
        protected LinearAggregator newRule() {
            return new TestClippedMean();
        }

        @Override
        protected double rounding() {
            return TestClippedMean.GRID;
        }
    }

    @Test
    void theClippedMeanClips() {
        ParameterLayout layout = Fixtures.layout(2);
        LinearAggregation aggregation =
                new TestClippedMean().begin(Fixtures.context(layout)).aggregation();
        // [6 8] has norm 10 and is clipped to [2.4 3.2]; on the grid 2.4 and 3.2 are rounded toward zero.
        aggregation.add(0, Fixtures.update(new ClientId("a"), layout, 9, 6, 8));
        aggregation.add(1, Fixtures.update(new ClientId("b"), layout, 1, 1, -1));

        double steps = 1 / TestClippedMean.GRID;
        assertEquals(
                ModelDelta.of(
                        layout, (Math.floor(2.4 * steps) / steps + 1) / 2, (Math.floor(3.2 * steps) / steps - 1) / 2),
                aggregation.finish().aggregate());
    }
}
