package org.fl4j.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.NoiseWithoutGuard;
import org.fl4j.testkit.TestClippedMean;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tree is part of the format: 16 clients a block, 16 blocks a super-block, by position. */
class LinearAggregationTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(50);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 31, 255, 256, 257, 300, 511, 512, 513, 1000})
    void sumsOverTheTree(int clients) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            positions.add(i);
        }
        assertSumsOverTheTree(positions);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void missingClientsAreSkippedAndMoveNobodyToAnotherBlock(long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            boolean wholeBlock = i / 16 == 3;
            boolean wholeSuperBlock = i / 256 == 1;
            if (!wholeBlock && !wholeSuperBlock && random.nextDouble() < 0.7) {
                positions.add(i);
            }
        }
        assertSumsOverTheTree(positions);
    }

    @Test
    void aRuleThatAddsNoiseWithoutAGuardBeginsNoRound() {
        assertEquals(
                "a rule that adds noise must have a guard, which charges what it releases, but NoiseWithoutGuard[] has none;"
                        + " does a wrapper not pass on the guard of its rule?",
                assertThrows(
                                IllegalStateException.class,
                                () -> LinearRound.guarded(new NoiseWithoutGuard(), Fixtures.context(LAYOUT)))
                        .getMessage());
    }

    /** Else a test of the tree would prove nothing. */
    @Test
    void theTreeShowsInTheBits() {
        double[] inARow = new double[LAYOUT.length() + 1];
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            add(inARow, contribution(i));
            positions.add(i);
        }

        assertNotEquals(decoded(tree(positions)), decoded(inARow));
    }

    @Test
    void nobodyDecodesTheEmptySum() {
        LinearAggregation aggregation =
                new TestClippedMean().begin(Fixtures.context(LAYOUT)).aggregation();

        assertEquals(ModelDelta.zero(LAYOUT), aggregation.finish().aggregate());
    }

    @Test
    void blocksComeInAscendingOrder() {
        LinearAggregation aggregation =
                new TestMean().begin(Fixtures.context(LAYOUT)).aggregation();
        aggregation.addBlock(3, aggregation.emptyBlock());

        assertEquals(
                "blocks must be added in ascending order; block 3 came after block 3",
                assertThrows(IllegalArgumentException.class, () -> aggregation.addBlock(3, aggregation.emptyBlock()))
                        .getMessage());
    }

    @Test
    void refusesWhatItsEncoderRefuses() {
        LinearAggregation aggregation =
                new FussyMean().begin(Fixtures.context(LAYOUT)).aggregation();

        assertEquals(Optional.of("too many examples"), aggregation.refusal(update(1000)));
        assertEquals(
                Optional.empty(),
                new TestMean().begin(Fixtures.context(LAYOUT)).aggregation().refusal(update(1000)));
        assertEquals(Optional.empty(), aggregation.shortfall());
    }

    private static void assertSumsOverTheTree(List<Integer> positions) {
        LinearAggregation aggregation =
                new TestMean().begin(Fixtures.context(LAYOUT)).aggregation();
        positions.forEach(position -> aggregation.add(position, update(position)));

        assertEquals(decoded(tree(positions)), aggregation.finish().aggregate());
    }

    /** The same tree once more, by grouping: sums of clients, sums of blocks, the sum of super-blocks. */
    private static double[] tree(List<Integer> positions) {
        TreeMap<Integer, double[]> blocks = new TreeMap<>();
        for (int position : positions) {
            add(blocks.computeIfAbsent(position / 16, b -> new double[LAYOUT.length() + 1]), contribution(position));
        }
        TreeMap<Integer, double[]> superBlocks = new TreeMap<>();
        blocks.forEach((index, block) ->
                add(superBlocks.computeIfAbsent(index / 16, b -> new double[LAYOUT.length() + 1]), block));
        double[] total = new double[LAYOUT.length() + 1];
        superBlocks.values().forEach(superBlock -> add(total, superBlock));
        return total;
    }

    /** n delta, and n behind it. */
    private static double[] contribution(int position) {
        ClientUpdate update = update(position);
        double[] values = new double[LAYOUT.length() + 1];
        for (int i = 0; i < LAYOUT.length(); i++) {
            values[i] = update.numExamples() * update.delta().get(i);
        }
        values[LAYOUT.length()] = update.numExamples();
        return values;
    }

    private static ModelDelta decoded(double[] total) {
        return ModelDelta.scaled(LAYOUT, total, 0, 1 / total[LAYOUT.length()]);
    }

    private static void add(double[] sum, double[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    private static ClientUpdate update(int position) {
        return Fixtures.randomUpdate(11, position, LAYOUT, ObjectiveSpec.EMPIRICAL_RISK);
    }

    private static final class FussyMean implements LinearAggregator {

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound mean = new TestMean().begin(context);
            return LinearRound.of(
                    mean.segments(),
                    update -> {
                        throw new UpdateRejectedException("too many examples");
                    },
                    mean::decode);
        }
    }
}
