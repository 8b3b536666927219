package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 23 clients in 50 dimensions, of which as many are Byzantine as the rule allows, 30 % (6) at most. The honest ones lie at
 * a spread of 1 (root mean square) about a centre 20 away from zero.
 */
class ByzantineTest {

    private static final int CLIENTS = 23;
    private static final ParameterLayout LAYOUT = Fixtures.layout(50);
    private static final double CENTRE = 20 / Math.sqrt(50);
    private static final double SPREAD = 1 / Math.sqrt(50);

    /**
     * In spreads from the honest mean. Krum's choice is an honest update, 1 away; centered clipping is off by f / (n - f) of
     * its radius, 0.7; the others are closer.
     */
    private static final double BOUND = 1.5;

    /** (f / n) * 2 * 20 is 8.7 for 5 and 10.4 for 6 clients whose sign is flipped; a large one moves the mean by 1e6. */
    private static final double MEAN_IS_OFF_BY = 8;

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("attacks")
    void attackersHardlyMoveTheAggregate(
            DirectAggregator rule, int attackers, String attack, UnaryOperator<ModelDelta> forged) {
        List<ModelDelta> updates = new ArrayList<>();
        List<ModelDelta> honest = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            ModelDelta own = own(i);
            boolean byzantine = i * attackers / CLIENTS != (i + 1) * attackers / CLIENTS;
            updates.add(byzantine ? forged.apply(own) : own);
            if (!byzantine) {
                honest.add(own);
            }
        }
        ModelDelta mean = Rounds.aggregate(FedAvg.uniform(), honest);
        double ofRule = Rounds.distance(Rounds.aggregate(rule, updates), mean);
        double ofMean = Rounds.distance(Rounds.aggregate(FedAvg.uniform(), updates), mean);

        assertTrue(honest.size() == CLIENTS - attackers && ofRule < BOUND, () -> "off by " + ofRule);
        assertTrue(ofMean > MEAN_IS_OFF_BY, () -> "the mean was off by " + ofMean);
    }

    static Stream<Arguments> attacks() {
        Function<DirectAggregator, Stream<Arguments>> bySix = rule -> attacks(rule, 6);
        return Stream.concat(
                Stream.of(
                                CoordinateMedian.tolerating(6),
                                TrimmedMean.share(0.27),
                                Krum.tolerating(6),
                                MultiKrum.tolerating(6),
                                GeometricMedian.uniform(),
                                CenteredClipping.radius(2).withIterations(60),
                                NearestNeighbourMixing.on(CoordinateMedian.tolerating(6), 6),
                                NearestNeighbourMixing.on(TrimmedMean.share(0.27), 6),
                                NearestNeighbourMixing.on(Krum.tolerating(6), 6),
                                NearestNeighbourMixing.on(GeometricMedian.uniform(), 6))
                        .flatMap(bySix),
                attacks(Bulyan.tolerating(5), 5));
    }

    private static Stream<Arguments> attacks(DirectAggregator rule, int attackers) {
        return Stream.of(
                attack(rule, attackers, "sign flipped", own -> own.times(-1)),
                attack(rule, attackers, "scaled by 1e6", own -> own.times(1e6)));
    }

    private static Arguments attack(
            DirectAggregator rule, int attackers, String name, UnaryOperator<ModelDelta> forged) {
        return Arguments.of(rule, attackers, name, forged);
    }

    private static ModelDelta own(int client) {
        double[] values = Rounds.gaussian(1000 + client, LAYOUT.length());
        for (int k = 0; k < values.length; k++) {
            values[k] = CENTRE + SPREAD * values[k];
        }
        return ModelDelta.of(LAYOUT, values);
    }
}
