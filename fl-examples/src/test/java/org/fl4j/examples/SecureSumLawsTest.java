package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.QFedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.robust.MajorityVote;
import org.fl4j.compression.LinearCodec;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A masked sum is the plain one, up to the steps that its numbers are stated to be rounded to. */
class SecureSumLawsTest {

    private static final double LARGEST = PointFederation.MOST_POINTS;

    /** Of FP64, beside steps of 2^-17. */
    private static final double ROUNDING = 1e-11;

    private static final int ROUNDS = 3;

    /** How far the aggregate may be off if every segment of the sum is off by no more than its error. */
    private interface Propagation {
        double to(double aggregate, Summand plain, Map<String, Double> errors);
    }

    /** With the step of every segment that is not exact, worked out by hand from FixedPoint's Javadoc. */
    private record Case(LinearAggregator rule, FixedPoint numbers, Map<String, Double> steps, Propagation propagation) {

        @Override
        public String toString() {
            return rule.toString();
        }
    }

    static Stream<Case> rounded() {
        FixedPoint eight = FixedPoint.within(8);
        FixedPoint eightTimesSeven = eight.weighingAtMost(LARGEST);
        FedAvg roots = FedAvg.weighted(update -> Math.sqrt((double) update.numExamples()));
        FedAvg rootsUpTo3 = FedAvg.weightedUpTo(3, update -> Math.sqrt((double) update.numExamples()));
        Map<String, Double> ofRoots = Map.of(Segment.DELTA, 0x1p-16, Segment.WEIGHT, 0x1p-19);
        return Stream.of(
                new Case(FedAvg.uniform(), eight, delta(0x1p-17), SecureSumLawsTest::mean),
                new Case(FedAvg.uniform(), eight.resolution(0x1p-6), delta(0x1p-6), SecureSumLawsTest::mean),
                new Case(FedAvg.byExamples(), eightTimesSeven, delta(0x1p-15), SecureSumLawsTest::mean),
                new Case(FedAvg.byCappedExamples(4), eight, delta(0x1p-15), SecureSumLawsTest::mean),
                new Case(roots, eight.weighingAtMost(3), ofRoots, SecureSumLawsTest::mean),
                new Case(rootsUpTo3, eight, ofRoots, SecureSumLawsTest::mean),
                new Case(FedProx.of(0.3), eightTimesSeven, delta(0x1p-15), SecureSumLawsTest::mean),
                new Case(
                        Sketched.on(FedAvg.byCappedExamples(4), LinearCodec.rotation()),
                        eight.inSteps(12),
                        delta(0x1p-7),
                        SecureSumLawsTest::meanOfSketches),
                new Case(
                        FedProx.on(Sketched.on(FedAvg.uniform(), LinearCodec.randomK(0.5)), 0.3),
                        eight.inSteps(20),
                        delta(0x1p-17),
                        SecureSumLawsTest::meanOfSketches),
                new Case(
                        FedNova.byExamples(),
                        eightTimesSeven.segment("steps", FixedPoint.within(64)),
                        delta(0x1p-15),
                        (aggregate, plain, errors) -> plain.get("steps", 0) / weight(plain) * mean(0, plain, errors)),
                new Case(
                        Scaffold.on(FedAvg.byExamples()),
                        eightTimesSeven.segment("control", FixedPoint.within(16).weighingAtMost(LARGEST)),
                        Map.of(Segment.DELTA, 0x1p-15, "control", 0x1p-14),
                        SecureSumLawsTest::mean),
                new Case(
                        FedDyn.of(0.5),
                        eight,
                        delta(0x1p-17),
                        (aggregate, plain, errors) ->
                                mean(0, plain, errors) + errors.get(Segment.DELTA) / PointFederation.CLIENTS),
                new Case(
                        QFedAvg.withFairness(1).withLocalLearningRate(PointFederation.RATE),
                        eight.segment("delta", FixedPoint.within(1 << 12)).segment("step", FixedPoint.within(1 << 16)),
                        Map.of(Segment.DELTA, 0x1p-8, "step", 0x1p-4),
                        (aggregate, plain, errors) -> ratio(aggregate, plain.get("step", 0), errors, "step")));
    }

    private static Map<String, Double> delta(double step) {
        return Map.of(Segment.DELTA, step);
    }

    private static double weight(Summand sum) {
        return sum.get(Segment.WEIGHT, 0);
    }

    private static double mean(double aggregate, Summand plain, Map<String, Double> errors) {
        return ratio(aggregate, weight(plain), errors, Segment.WEIGHT);
    }

    /** A coordinate is at most the root of d = 5 times the largest of the sketch, and of d / k = 5 / 3 times that. */
    private static double meanOfSketches(double aggregate, Summand plain, Map<String, Double> errors) {
        return mean(aggregate, plain, errors) * Math.sqrt(5 * 5 / 3.0);
    }

    /** |(s + e) / (d + f) - s / d| = |e - f s / d| / |d + f|. */
    private static double ratio(double quotient, double denominator, Map<String, Double> errors, String name) {
        double ofDenominator = errors.getOrDefault(name, 0.0);
        return (errors.get(Segment.DELTA) + ofDenominator * Math.abs(quotient)) / (denominator - ofDenominator);
    }

    /** They are -1, 0 and 1, so a resolution of 1 loses nothing. */
    @Test
    void votesAreExact() {
        MajorityVote rule = MajorityVote.of(0.25);
        FixedPoint numbers = FixedPoint.within(1)
                .segment(MajorityVote.VOTES, FixedPoint.within(1).resolution(1));
        ServerState start = ofOneRun(PointFederation.START);
        ServerState plain = new PointFederation()
                .losing(SecureSumLawsTest::vanishes)
                .run(rule, start, ROUNDS)
                .state();
        PointFederation masked = new PointFederation().losing(SecureSumLawsTest::vanishes);
        assertEquals(
                plain, masked.run(SecureSum.on(rule, numbers), start, ROUNDS).state());
    }

    @ParameterizedTest
    @MethodSource("rounded")
    void isThePlainSumWithinTheStatedSteps(Case law) {
        // Each keeps the client states of its own rounds, which are alike: clients train on the same tasks.
        PointFederation inTheClear = new PointFederation().losing(SecureSumLawsTest::vanishes);
        PointFederation underMasks = new PointFederation().losing(SecureSumLawsTest::vanishes);
        Watched plain = new Watched(law.rule());
        Watched masked = new Watched(law.rule());
        SecureAggregator secure = SecureSum.on(masked, law.numbers());
        ServerState state = ofOneRun(PointFederation.START);
        Map<String, Integer> odd = new TreeMap<>();
        for (int round = 1; round <= ROUNDS; round++) {
            RoundResult expected = inTheClear.run(plain, state, 1);
            RoundResult actual = underMasks.run(secure, state, 1);

            int n = PointFederation.CLIENTS + 1 - round;
            assertEquals(n, ((RoundResult.Advanced) actual).report().completed().size());
            assertSums(law, n, plain.total(), masked.total(), odd);
            assertAggregates(law, n, plain, state, expected.state(), actual.state());
            state = actual.state();
        }
        assertEquals(law.steps().keySet(), odd.keySet(), "what is a whole number of steps is often not one of 2 steps");
    }

    /** Both federations go on from the states of one of them, so they play one run. */
    private static ServerState ofOneRun(ServerState start) {
        return new ServerState(
                start.round(),
                0,
                start.weights(),
                start.optimizer(),
                start.aggregator(),
                start.selector(),
                start.ledger(),
                start.downlink(),
                start.progress(),
                start.time(),
                start.underWay(),
                start.seed(),
                start.run().drawn());
    }

    private static void assertSums(Case law, int n, Summand plain, Summand masked, Map<String, Integer> odd) {
        for (Segment segment : plain.segments()) {
            double step = law.steps().getOrDefault(segment.name(), 0.0);
            double[] expected = plain.toArray(segment.name());
            double[] actual = masked.toArray(segment.name());
            for (int i = 0; i < actual.length; i++) {
                assertEquals(expected[i], actual[i], n * step + (step == 0 ? 0 : ROUNDING), segment::name);
                if (step > 0) {
                    assertEquals(Math.rint(actual[i] / step), actual[i] / step, segment::name);
                    if (Math.rint(actual[i] / step) % 2 != 0) {
                        odd.merge(segment.name(), 1, Integer::sum);
                    }
                }
            }
        }
    }

    private static void assertAggregates(
            Case law, int n, Watched plain, ServerState from, ServerState expected, ServerState actual) {
        Map<String, Double> errors = new TreeMap<>();
        law.steps().forEach((name, step) -> errors.put(name, n * step));
        for (int j = 0; j < PointFederation.DIMENSION; j++) {
            double aggregate = expected.weights().get(j) - from.weights().get(j);
            double bound = law.propagation().to(aggregate, plain.total(), errors);
            assertTrue(bound < 0.05, () -> "a bound of " + bound + " says little");
            assertEquals(expected.weights().get(j), actual.weights().get(j), bound + ROUNDING);
        }
    }

    /** Nobody in the first round, one more in every other, never the same alone. */
    private static boolean vanishes(int round, int client) {
        return client >= round && client < 2 * round - 1;
    }

    static Stream<LinearAggregator> onAGrid() {
        return Stream.of(
                ClippedMean.fixed(0.7),
                ClippedMean.fixed(0.7).byCappedExamples(4, 20),
                AdaptiveClippedMean.startingAt(0.7).withCountNoise(3),
                FedProx.on(ClippedMean.fixed(0.7), 0.3),
                Sketched.on(ClippedMean.fixed(0.7), LinearCodec.rotation().keeping(0.5)),
                GaussianMechanism.on(Sketched.on(FedProx.on(ClippedMean.fixed(0.7), 0.3), LinearCodec.randomK(0.5)), 0),
                Sketched.on(
                        GaussianMechanism.on(AdaptiveClippedMean.startingAt(0.7).withCountNoise(3), 0),
                        LinearCodec.rotation()),
                GaussianMechanism.on(ClippedMean.fixed(0.7), 0),
                GaussianMechanism.on(AdaptiveClippedMean.startingAt(0.7).withCountNoise(3), 0));
    }

    @ParameterizedTest
    @MethodSource("onAGrid")
    void isThePlainSumToTheBitOnAGrid(LinearAggregator rule) {
        RoundResult plain =
                new PointFederation().losing(SecureSumLawsTest::vanishes).run(rule, PointFederation.START, ROUNDS);
        RoundResult masked = new PointFederation()
                .losing(SecureSumLawsTest::vanishes)
                .run(SecureSum.on(rule), PointFederation.START, ROUNDS);

        assertEquals(ROUNDS, masked.state().round());
        assertEquals(plain.state(), masked.state());
    }

    /** A rule whose last sum can be looked at. */
    private static final class Watched implements LinearAggregator, DirectAggregator.Forwarding {

        private final LinearAggregator rule;
        private Optional<Summand> last = Optional.empty();

        Watched(LinearAggregator rule) {
            this.rule = rule;
        }

        @Override
        public LinearAggregator inner() {
            return rule;
        }

        Summand total() {
            return last.orElseThrow();
        }

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound round = rule.begin(context);
            return new LinearRound.Forwarding() {
                @Override
                public LinearRound inner() {
                    return round;
                }

                @Override
                public Aggregation.Result decode(Summand total) {
                    last = Optional.of(total);
                    return round.decode(total);
                }
            };
        }
    }
}
