package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;

/** One dimension, by hand. */
class NearestNeighbourMixingTest {

    private final ParameterLayout layout = Fixtures.layout(1);
    private final Recorder inner = new Recorder();

    /** With f = 1 of 3, each with its nearest: 0 and 1 with one another, 10 with 1. */
    @Test
    void everyUpdateBecomesTheMeanOfItsNearest() {
        assertEquals(List.of(0.5, 0.5, 5.5), mixed(1, 0, 1, 10));
    }

    /** 2 is as far from 0 as from 4, and 0 comes first; listed the other way round, 4 does. */
    @Test
    void prefersTheFirstOfEquallyCloseUpdates() {
        assertEquals(List.of(1.0, 1.0, 3.0), mixed(1, 0, 2, 4));
        assertEquals(List.of(3.0, 3.0, 1.0), mixed(1, 4, 2, 0));
    }

    /** Four of one value: the last, too, is mixed with itself and the first two. */
    @Test
    void anUpdateIsAmongItsOwnNearest() {
        assertEquals(List.of(0.0, 0.0, 0.0, 0.0, 3.0), mixed(2, 0, 0, 0, 0, 9));
    }

    @Test
    void withoutAttackersEveryUpdateBecomesTheMean() {
        assertEquals(List.of(3.0, 3.0, 3.0), mixed(0, 0, 2, 7));
    }

    /** Twenty updates, more than are mixed in one reading, in two groups of ten far from one another. */
    @Test
    void mixesEveryUpdateOnce() {
        double[] values = new double[20];
        List<Double> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            values[i] = i % 2 == 0 ? i : 1000 + i;
            expected.add(i % 2 == 0 ? 9.0 : 1010.0);
        }
        NearestNeighbourMixing rule = NearestNeighbourMixing.on(inner, 10);
        try (Aggregation aggregation = rule.begin(Fixtures.context(layout)).aggregation()) {
            for (int i = 0; i < 20; i++) {
                aggregation.add(i, Fixtures.update(i, ModelDelta.of(layout, values[i]), 1));
            }
            aggregation.finish();
        }

        assertEquals(expected, inner.updates.stream().map(u -> u.delta().get(0)).toList());
    }

    @Test
    void keepsPositionsAndAllValuesBesidesTheDelta() {
        ClientUpdate update = new ClientUpdate(
                new ClientId("c"),
                4,
                0,
                ModelDelta.of(layout, 2),
                5,
                Map.of("v", ModelDelta.of(layout, 6)),
                Map.of("loss", 8.0),
                ObjectiveSpec.of("other", "parameter", 1));
        try (Aggregation aggregation = NearestNeighbourMixing.on(inner, 0)
                .begin(Fixtures.context(layout))
                .aggregation()) {
            aggregation.add(3, update);
            aggregation.add(7, Fixtures.update(1, ModelDelta.of(layout, 4), 1));
            aggregation.finish();
        }

        assertEquals(List.of(3, 7), inner.positions);
        assertEquals(HeldUpdates.Header.of(update), HeldUpdates.Header.of(inner.updates.get(0)));
    }

    @Test
    void forwardsEverythingElseToTheWrappedRule() {
        NearestNeighbourMixing rule = NearestNeighbourMixing.on(new GuardedRule(Optional.empty()), 0);
        RoundContext context = Fixtures.context(layout);
        ClientUpdate update = Fixtures.update(0, ModelDelta.of(layout, 3), 2);

        assertEquals(ObjectiveSpec.of("pull", "strength", 0.5), rule.objective());
        assertEquals(
                Map.of("control", ModelDelta.zero(layout)), rule.begin(context).taskVectors());
        assertEquals(Optional.empty(), rule.guard());
        try (Aggregation aggregation = rule.begin(context).aggregation()) {
            assertEquals(Optional.of("norm 3.0"), aggregation.refusal(update));
        }
        assertEquals(
                new Aggregation.Result(
                        ModelDelta.of(layout, 3),
                        ComponentState.of("guarded", 1).with("rounds", (long) Fixtures.ROUND),
                        Map.of("metric", 1.0)),
                Rounds.result(rule, context, List.of(update.delta())));
    }

    @Test
    void passesTheStateOfTheWrappedRuleOn() {
        NearestNeighbourMixing rule = NearestNeighbourMixing.on(CenteredClipping.radius(1), 0);
        RoundContext context = Fixtures.context(layout);
        List<ModelDelta> deltas = List.of(ModelDelta.of(layout, 5));
        Aggregation.Result first = Rounds.result(rule, context, deltas);

        assertEquals(ModelDelta.of(layout, 1), first.aggregate());
        assertEquals(
                ModelDelta.of(layout, 2),
                Rounds.result(rule, context.withState(first.state()), deltas).aggregate());
    }

    @Test
    void closesTheWrappedRulesRound() {
        NearestNeighbourMixing.on(inner, 0)
                .begin(Fixtures.context(layout))
                .aggregation()
                .close();

        assertEquals(1, inner.closed);
    }

    @Test
    void rejectsARuleWithAGuard() {
        GuardedRule guarded = new GuardedRule(Optional.of(new PrivacyBudgetGuard() {
            @Override
            public Permit admit(RoundContext context, ComponentState ledger) {
                return new Granted(ledger);
            }

            @Override
            public String toString() {
                return "guard";
            }
        }));

        assertEquals(
                "the rule must not have a guard, but was GuardedRule[guard=Optional[guard]]; mixing moves one client's data"
                        + " into other clients' updates, beyond what it accounts for",
                assertThrows(IllegalArgumentException.class, () -> NearestNeighbourMixing.on(guarded, 1))
                        .getMessage());
    }

    private List<Double> mixed(int f, double... values) {
        List<ModelDelta> deltas = new ArrayList<>();
        for (double value : values) {
            deltas.add(ModelDelta.of(layout, value));
        }
        inner.updates.clear();
        Rounds.aggregate(NearestNeighbourMixing.on(inner, f), deltas);
        return inner.updates.stream().map(update -> update.delta().get(0)).toList();
    }

    private static final class Recorder implements DirectAggregator {

        private final List<Integer> positions = new ArrayList<>();
        private final List<ClientUpdate> updates = new ArrayList<>();
        private int closed;

        @Override
        public DirectRound begin(RoundContext context) {
            return () -> new Aggregation() {
                @Override
                public void add(int position, ClientUpdate update) {
                    positions.add(position);
                    updates.add(update);
                }

                @Override
                public Aggregation.Result finish() {
                    return Aggregation.Result.of(ModelDelta.zero(context.layout()));
                }

                @Override
                public void close() {
                    closed++;
                }
            };
        }
    }
}
