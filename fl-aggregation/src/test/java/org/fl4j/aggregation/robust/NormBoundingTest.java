package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class NormBoundingTest {

    private final ParameterLayout layout = Fixtures.layout(2);

    /** Seven standard normal coordinates have a norm of 2.6: about half of the contract's updates are clipped. */
    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return NormBounding.on(FedAvg.byExamples(), 2.6);
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }

    /** (3, 4) of norm 5 becomes (0.6, 0.8); the mean with (0.1, 0) is (0.35, 0.4). */
    @Test
    void clipsToTheBoundBeforeTheMean() {
        List<ModelDelta> deltas = Rounds.deltas(layout, new double[][] {{3, 4}, {0.1, 0}});
        ModelDelta mean = Rounds.aggregate(NormBounding.of(1), deltas);

        assertEquals(0.35, mean.get(0), 1e-15);
        assertEquals(0.4, mean.get(1), 1e-15);
    }

    @Test
    void leavesUpdatesWithinTheBoundUnchanged() {
        ClientUpdate update = Fixtures.update(1, ModelDelta.of(layout, 3, 4), 7);

        assertSame(update, NormBounding.of(5).clipped(update));
    }

    @FloatAndDouble
    void clippedNormsAreAtOrJustBelowTheBound(DataType dtype) {
        for (ModelDelta delta : Rounds.random(4, 200, Fixtures.layout(dtype, 30))) {
            double norm = NormBounding.of(0.7)
                    .clipped(Fixtures.update(0, delta, 1))
                    .delta()
                    .norm2();
            assertTrue(norm <= 0.7 && norm > 0.7 * (1 - 1e-6), () -> "norm " + norm);
        }
    }

    /** One FLOAT step of 1.4e-45 is longer than the bound, so there is nothing between it and zero. */
    @Test
    void aBoundBelowTheSmallestFloatLeavesZero() {
        ModelDelta delta = ModelDelta.of(Fixtures.layout(DataType.FLOAT, 1), 1);

        assertEquals(
                0,
                NormBounding.of(1e-45)
                        .clipped(Fixtures.update(0, delta, 1))
                        .delta()
                        .norm2());
    }

    /** Nine honest updates (1, 0) and one of (-1e6, 0): 9/10 - 1/10 of the bound 1.5. */
    @Test
    void anAttackerMovesTheMeanByItsShareOfTheBound() {
        List<ModelDelta> deltas = new ArrayList<>(Collections.nCopies(9, ModelDelta.of(layout, 1, 0)));
        deltas.add(ModelDelta.of(layout, -1e6, 0));

        assertEquals(0.75, Rounds.aggregate(NormBounding.of(1.5), deltas).get(0), 1e-15);
        assertTrue(Rounds.aggregate(FedAvg.uniform(), deltas).get(0) < -99_999);
    }

    @Test
    void keepsAllValuesBesidesTheDelta() {
        ClientUpdate update = new ClientUpdate(
                Fixtures.update(3, ModelDelta.zero(layout), 1).client(),
                4,
                0,
                ModelDelta.of(layout, 3, 4),
                5,
                Map.of("v", ModelDelta.of(layout, 6, 7)),
                Map.of("loss", 8.0),
                ObjectiveSpec.of("other", "parameter", 1));
        ClientUpdate clipped = NormBounding.of(2.5).clipped(update);

        assertEquals(HeldUpdates.Header.of(update), HeldUpdates.Header.of(clipped));
        assertEquals(ModelDelta.of(layout, 1.5, 2), clipped.delta());
    }

    @Test
    void forwardsEverythingElseToTheWrappedRule() {
        GuardedRule inner = new GuardedRule(Optional.of((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger)));
        NormBounding rule = NormBounding.on(inner, 1);
        RoundContext context = Fixtures.context(layout);

        assertEquals(inner.objective(), rule.objective());
        assertEquals(inner.begin(context).taskVectors(), rule.begin(context).taskVectors());
        assertEquals(inner.guard(), rule.guard());
        assertEquals(inner.begin(context).segments(), rule.begin(context).segments());
        assertEquals(
                new Aggregation.Result(
                        ModelDelta.of(layout, 0.5, 0.5),
                        ComponentState.of("guarded", 1).with("rounds", (long) Fixtures.ROUND),
                        Map.of("metric", 1.0)),
                Rounds.result(rule, context, Rounds.deltas(layout, new double[][] {{0.5, 0}, {0, 0.5}})));
    }

    @Test
    void rejectsWhatTheWrappedRuleRejects() {
        ClientUpdate update = Fixtures.update(0, ModelDelta.of(layout, 3, 4), 2);

        for (double maxNorm : new double[] {1, 5}) {
            assertEquals(
                    Optional.of("norm " + maxNorm),
                    NormBounding.on(new GuardedRule(Optional.empty()), maxNorm)
                            .begin(Fixtures.context(layout))
                            .aggregation()
                            .refusal(update));
        }
    }
}
