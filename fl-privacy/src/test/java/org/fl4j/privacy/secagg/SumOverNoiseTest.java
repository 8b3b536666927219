package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.privacy.secagg.internal.vector.RingWords;
import org.fl4j.privacy.secagg.internal.vector.SegmentPlan;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Under a private rule nothing that leaves the server depends on the sum without its noise. */
class SumOverNoiseTest {

    private static final int ROUNDS = 50;
    private static final int LENGTH = 7;
    private static final int OFFSETS = 500;

    /** Four cases of fifty rounds. Without noise a victim at one step was never in a sum, one at zero always. */
    @ParameterizedTest(name = "z = {0}, the victim at {1} steps")
    @CsvSource({"1.1, 0", "1.1, 1", "8, 0", "8, 1"})
    void theSumIsRecoveredOnEitherSideOfTheBoundary(double z, long victim) {
        long[] noise = {0};
        BoundaryAttack attack =
                new BoundaryAttack(SeededNoise.on(ClippedMean.fixed(1).dividingBy(1), z, noise));
        SegmentPlan plan = attack.plan();
        DeterministicRandom random = new DeterministicRandom(20_261_127);
        for (int round = 1; round <= ROUNDS; round++) {
            noise[0] = Math.round(z * (1 << 20) * random.nextGaussian());
            long masked = attack.question(0);

            assertEquals(
                    OptionalLong.of(centred(victim + masked + noise[0], plan.bits())),
                    attack.released(round, victim, masked));
        }
    }

    /** For one draw of the noise, what a client masks moves the release by just that, modulo 2^k, also across the wrap. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aMaskedValueMovesTheReleaseByExactlyThat(long seed) {
        RoundContext context =
                new Drill(SecureSum.on(new IntegerRule(1)), 5, LENGTH, client -> new double[0]).context(1);
        LinearAggregator rule = SeededNoise.on(
                AdaptiveClippedMean.startingAt(1).withCountNoise(3).dividingBy(4), 1.1, seed);
        SessionTerms terms = SessionTerms.of(
                new SummedRule.Plain(rule, FixedPoint.UNSTATED),
                ThreatModel.curious(DropoutTolerance.DEFAULT),
                context,
                5);
        List<SegmentPlan> plans = terms.plan().segments();
        DeterministicRandom random = new DeterministicRandom(seed);
        long[][] sum = draw(plans, random);
        long[][] before = released(terms, context, seed, sum);
        for (int i = 0; i < OFFSETS; i++) {
            long[][] offset = draw(plans, random);
            long[][] after = released(terms, context, seed, plus(sum, offset));
            for (int s = 0; s < plans.size(); s++) {
                for (int j = 0; j < offset[s].length; j++) {
                    assertEquals(
                            centred(before[s][j] + offset[s][j], plans.get(s).bits()), after[s][j]);
                }
            }
        }
    }

    private static long[][] released(SessionTerms terms, RoundContext context, long seed, long[][] sum) {
        LinearAggregator rule = SeededNoise.on(
                AdaptiveClippedMean.startingAt(1).withCountNoise(3).dividingBy(4), 1.1, seed);
        RingVector vector = RingVector.zero(terms.plan());
        for (int s = 0; s < sum.length; s++) {
            for (int i = 0; i < sum[s].length; i++) {
                RingWords.add(vector, s, i, sum[s][i]);
            }
        }
        Aggregation.Result result = rule.begin(context).decode(vector.toResidues(terms.segments()));
        List<SegmentPlan> plans = terms.plan().segments();
        double within = result.metrics().getOrDefault("within", Double.NaN) - 0.5;
        return new long[][] {
            IntStream.range(0, LENGTH)
                    .mapToLong(i ->
                            (long) (result.aggregate().get(i) * 4 / plans.get(0).step()))
                    .toArray(),
            {(long) (within * 4 / plans.get(1).step())}
        };
    }

    /** Anything in the ring, its ends more often than their share. */
    private static long[][] draw(List<SegmentPlan> plans, DeterministicRandom random) {
        return plans.stream()
                .map(plan -> IntStream.range(0, plan.length())
                        .mapToLong(i -> switch (random.nextInt(4)) {
                            case 0 -> (1L << (plan.bits() - 1)) - random.nextInt(3);
                            case 1 -> 5 * plan.maxSteps() + random.nextInt(3) - 1;
                            default -> random.nextLong();
                        })
                        .toArray())
                .toArray(long[][]::new);
    }

    private static long[][] plus(long[][] a, long[][] b) {
        long[][] sum = new long[a.length][];
        for (int s = 0; s < a.length; s++) {
            int at = s;
            sum[s] = IntStream.range(0, a[s].length)
                    .mapToLong(i -> a[at][i] + b[at][i])
                    .toArray();
        }
        return sum;
    }

    private static long centred(long value, int bits) {
        return Math.floorMod(value + (1L << (bits - 1)), 1L << bits) - (1L << (bits - 1));
    }

    @Test
    void rejectsAWrapperWithoutTheGuard() {
        LinearAggregator rule = new Wrapper(SeededNoise.on(ClippedMean.fixed(1), 1, 1), Optional.empty(), false);

        assertEquals(
                "segment 'delta': a rule that adds noise must have a guard; does a wrapper not pass on the guard of its"
                        + " rule?",
                assertThrows(IllegalStateException.class, () -> new BoundaryAttack(rule))
                        .getMessage());
    }

    @Test
    void rejectsAWrapperThatReadsTheSumBeforeItsNoise() {
        LinearAggregator inner = SeededNoise.on(ClippedMean.fixed(1), 1, 1);
        BoundaryAttack attack = new BoundaryAttack(new Wrapper(inner, inner.guard(), true));

        assertEquals(
                "the masked sum of a private rule has no coordinates before withNoise; does a wrapper look at the total"
                        + " before the rule that adds the noise decodes it?",
                assertThrows(IllegalStateException.class, () -> attack.released(1, 0, 0))
                        .getMessage());
    }

    @Test
    void rejectsAPrivateRuleWithoutAGrid() {
        LinearAggregator inner = new IntegerRule(1);
        LinearAggregator rule = new Wrapper(
                inner, SeededNoise.on(ClippedMean.fixed(1), 1, 1).guard(), false) {

            @Override
            public LinearRound begin(RoundContext context) {
                LinearRound round = super.begin(context);
                return LinearRound.of(List.of(Segment.bounded(Segment.DELTA, 1, 1)), round.encoder(), round::decode);
            }
        };

        assertEquals(
                "segment 'delta': under masks every segment of a private rule needs a grid, as noise is added in whole"
                        + " steps",
                assertThrows(IllegalStateException.class, () -> new BoundaryAttack(rule))
                        .getMessage());
    }

    private static class Wrapper implements LinearAggregator {

        private final LinearAggregator rule;
        private final Optional<PrivacyBudgetGuard> guard;
        private final boolean looks;

        Wrapper(LinearAggregator rule, Optional<PrivacyBudgetGuard> guard, boolean looks) {
            this.rule = rule;
            this.guard = guard;
            this.looks = looks;
        }

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return guard;
        }

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound round = rule.begin(context);
            return LinearRound.of(round.segments(), round.encoder(), total -> {
                double first = looks ? total.get(Segment.DELTA, 0) : 0;
                Aggregation.Result result = round.decode(total);
                return Double.isNaN(first) ? Aggregation.Result.of(result.aggregate()) : result;
            });
        }
    }
}
