package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Updates (3, 4), (0, 1) and radius 2.5, by hand. */
class CenteredClippingTest {

    private final ParameterLayout layout = Fixtures.layout(2);
    private final RoundContext first = Fixtures.context(layout);
    private final List<ModelDelta> deltas = Rounds.deltas(layout, new double[][] {{3, 4}, {0, 1}});
    private final CenteredClipping rule = CenteredClipping.radius(2.5);

    /** From zero: ((1.5, 2) + (0, 1)) / 2. */
    @Test
    void theFirstRoundClipsAroundZero() {
        expect(0.75, 1.5, Rounds.result(rule, first, deltas));
    }

    /** From (0.75, 1.5): differences (2.25, 2.5), of norm sqrt(11.3125) and clipped, and (-0.75, -0.5), which is not. */
    @Test
    void theNextRoundClipsAroundTheLastAggregate() {
        ComponentState state = Rounds.result(rule, first, deltas).state();
        double share = 2.5 / Math.sqrt(11.3125);

        expect(
                0.75 + (2.25 * share - 0.75) / 2,
                1.5 + (2.5 * share - 0.5) / 2,
                Rounds.result(rule, first.withState(state), deltas));
    }

    @Test
    void twoIterationsAreTwoRoundsOfTheSameUpdates() {
        Aggregation.Result one = Rounds.result(rule, first, deltas);
        Aggregation.Result two = Rounds.result(rule, first.withState(one.state()), deltas);

        assertEquals(two, Rounds.result(rule.withIterations(2), first, deltas));
    }

    @Test
    void remembersTheRoundedAggregate() {
        ParameterLayout narrow = Fixtures.layout(DataType.FLOAT, 2);
        Aggregation.Result result = Rounds.result(rule, Fixtures.context(narrow), Rounds.deltas(narrow, new double[][] {
            {0.1, 0}, {0.2, 0}, {0.4, 0}
        }));

        assertEquals("centered-clipping", result.state().kind());
        assertEquals(1, result.state().version());
        assertEquals(result.aggregate(), ModelDelta.from(result.state(), "aggregate", narrow));
    }

    @Test
    void rejectsTheStateOfAnotherRule() {
        RoundContext other = first.withState(ComponentState.of("fedadam", 1).with("step", 3L));

        assertEquals(
                "'centered-clipping' version 1 cannot continue from the state of 'fedadam' version 1; was the run resumed with"
                        + " other settings?",
                assertThrows(IllegalStateException.class, () -> rule.begin(other))
                        .getMessage());
    }

    private static void expect(double x, double y, Aggregation.Result result) {
        assertEquals(x, result.aggregate().get(0), 1e-15);
        assertEquals(y, result.aggregate().get(1), 1e-15);
    }
}
