package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What every robust rule promises. Fifteen clients, 20,001 coordinates of N(0, 1): sixteen stripes, the last chunk of each
 * in part. Sums over them in other orders stay within 1e-12.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("rules")
class RobustRuleContractTest {

    private static final int CLIENTS = 15;
    private static final int LENGTH = 20_001;
    private static final double ROUNDING = 1e-12;

    private final Case tested;

    RobustRuleContractTest(Case tested) {
        this.tested = tested;
    }

    /** The deltas have norms about sqrt(20,001) = 141 and distances about 200 from each other. */
    static Stream<Case> rules() {
        return Stream.of(
                new Case(
                        "CoordinateMedian",
                        (scale, storage) -> CoordinateMedian.tolerating(3).storedIn(storage)),
                new Case(
                        "TrimmedMean",
                        (scale, storage) -> TrimmedMean.share(0.2).storedIn(storage)),
                new Case(
                        "CoordinateMedian by examples",
                        (scale, storage) -> CoordinateMedian.tolerating(3)
                                .weighing(UpdateWeights.byExamples().cappedAt(0.3))
                                .storedIn(storage)),
                new Case(
                        "TrimmedMean by examples",
                        (scale, storage) -> TrimmedMean.share(0.2)
                                .weighing(UpdateWeights.byExamples().cappedAt(0.3))
                                .storedIn(storage)),
                new Case(
                        "Krum by examples",
                        (scale, storage) -> Krum.toleratingShare(
                                        0.2, UpdateWeights.byExamples().cappedAt(0.3))
                                .storedIn(storage)),
                new Case("Krum", (scale, storage) -> Krum.tolerating(3).storedIn(storage)),
                new Case(
                        "MultiKrum",
                        (scale, storage) -> MultiKrum.tolerating(3).selecting(4).storedIn(storage)),
                // With f of 1 or 2 the last selections tie and the order of the cohort decides.
                new Case("Bulyan", (scale, storage) -> Bulyan.tolerating(3).storedIn(storage)),
                new Case(
                        "GeometricMedian",
                        (scale, storage) -> GeometricMedian.byExamples()
                                .withSmoothing(1e-6 * scale)
                                .withMaxIterations(5)
                                .withTolerance(0)
                                .storedIn(storage)),
                new Case(
                                "CenteredClipping",
                                (scale, storage) -> CenteredClipping.radius(142 * scale)
                                        .withIterations(3)
                                        .storedIn(storage))
                        .aroundAFixedPoint(),
                // A clipped update is rounded, then the mean of all.
                new Case("NormBounding", (scale, storage) -> NormBounding.of(142 * scale), false, 2e-7),
                new Case(
                        "NearestNeighbourMixing on the median by examples",
                        (scale, storage) -> NearestNeighbourMixing.on(
                                        CoordinateMedian.of()
                                                .weighing(UpdateWeights.byExamples()
                                                        .cappedAt(0.3))
                                                .storedIn(storage),
                                        3)
                                .storedIn(storage)),
                new Case(
                        "NearestNeighbourMixing",
                        (scale, storage) -> NearestNeighbourMixing.on(
                                        CoordinateMedian.tolerating(3).storedIn(storage), 3)
                                .storedIn(storage)));
    }

    @FloatAndDouble
    void equalUpdatesAreTheAggregate(DataType dtype) {
        ModelDelta common =
                Rounds.random(1, 1, Fixtures.layout(dtype, LENGTH)).get(0).times(0.5);

        assertClose(common, aggregate(Collections.nCopies(CLIENTS, common)));
    }

    @Test
    void ignoresTheOrderOfTheCohort() {
        List<ModelDelta> deltas = deltas(DataType.DOUBLE);
        List<ModelDelta> shuffled = new ArrayList<>();
        for (int i : new DeterministicRandom(5).permutation(CLIENTS)) {
            shuffled.add(deltas.get(i));
        }

        assertClose(aggregate(deltas), aggregate(shuffled));
    }

    @Test
    void translatingAllUpdatesTranslatesTheAggregate() {
        assumeTrue(tested.followsTranslation());
        List<ModelDelta> deltas = deltas(DataType.DOUBLE);
        ModelDelta way = Rounds.random(9, 1, Fixtures.layout(LENGTH)).get(0);
        List<ModelDelta> translated =
                deltas.stream().map(delta -> delta.plus(way)).toList();

        assertClose(aggregate(deltas).plus(way), aggregate(translated));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 3, 1e9})
    void stretchingAllUpdatesStretchesTheAggregate(double factor) {
        List<ModelDelta> deltas = deltas(DataType.DOUBLE);
        List<ModelDelta> stretched =
                deltas.stream().map(delta -> delta.times(factor)).toList();
        ModelDelta aggregate = Rounds.aggregate(tested.rule().apply(factor, UpdateStorage.onHeap()), stretched);

        assertClose(aggregate(deltas), aggregate.times(1 / factor));
    }

    /** The same values in both layouts: the aggregates differ by one rounding. */
    @Test
    void theFloatAggregateIsTheDoubleOneRounded() {
        ParameterLayout wide = Fixtures.layout(LENGTH);
        List<ModelDelta> narrow = deltas(DataType.FLOAT);
        List<ModelDelta> widened = narrow.stream().map(delta -> in(wide, delta)).toList();
        ModelDelta aggregate = aggregate(narrow);

        assertEquals(narrow.get(0).layout(), aggregate.layout());
        ModelDelta rounded = in(aggregate.layout(), aggregate(widened));
        for (int k = 0; k < LENGTH; k++) {
            assertEquals(rounded.get(k), aggregate.get(k), tested.roundingToFloat());
        }
    }

    @FloatAndDouble
    void fileStorageGivesTheSameBitsAndLeavesNoFile(DataType dtype, @TempDir Path directory) throws IOException {
        List<ModelDelta> deltas = deltas(dtype);
        DirectAggregator inFiles = tested.rule().apply(1.0, UpdateStorage.inFiles(directory));

        assertEquals(aggregate(deltas), Rounds.aggregate(inFiles, deltas));
        assertEmpty(directory);
    }

    @Test
    void anUnfinishedRoundLeavesNoFile(@TempDir Path directory) throws IOException {
        DirectAggregator rule = tested.rule().apply(1.0, UpdateStorage.inFiles(directory));
        List<ModelDelta> deltas = deltas(DataType.FLOAT);
        try (Aggregation aggregation =
                rule.begin(Fixtures.context(deltas.get(0).layout())).aggregation()) {
            aggregation.add(0, Fixtures.update(0, deltas.get(0), 1));
        }

        assertEmpty(directory);
    }

    @Test
    void hasTheSameBitsOnAnyNumberOfThreads() {
        List<ModelDelta> deltas = deltas(DataType.DOUBLE);
        ModelDelta expected = aggregate(deltas);

        for (int threads : new int[] {1, 2, 7}) {
            ForkJoinPool pool = new ForkJoinPool(threads);
            assertEquals(expected, pool.submit(() -> aggregate(deltas)).join());
            pool.shutdown();
        }
    }

    private ModelDelta aggregate(List<ModelDelta> deltas) {
        return Rounds.aggregate(tested.rule().apply(1.0, UpdateStorage.onHeap()), deltas);
    }

    private static List<ModelDelta> deltas(DataType dtype) {
        return Rounds.random(20_181_207, CLIENTS, Fixtures.layout(dtype, LENGTH));
    }

    private static ModelDelta in(ParameterLayout layout, ModelDelta delta) {
        double[] values = new double[LENGTH];
        delta.copyTo(0, LENGTH, values, 0);
        return ModelDelta.of(layout, values);
    }

    private static void assertClose(ModelDelta expected, ModelDelta actual) {
        for (int k = 0; k < LENGTH; k++) {
            assertEquals(expected.get(k), actual.get(k), ROUNDING * Math.max(1, Math.abs(expected.get(k))));
        }
    }

    private static void assertEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertTrue(files.findAny().isEmpty());
        }
    }

    /**
     * A rule and what else it promises.
     *
     * @param rule by the factor on its parameters that have the unit of a delta, and where it holds updates
     * @param followsTranslation whether a displacement of all updates displaces the aggregate
     * @param roundingToFloat how far an aggregate in FLOAT is from the one in DOUBLE, where a rule rounds more than once
     */
    private record Case(
            String name,
            BiFunction<Double, UpdateStorage, DirectAggregator> rule,
            boolean followsTranslation,
            double roundingToFloat) {

        Case(String name, BiFunction<Double, UpdateStorage, DirectAggregator> rule) {
            this(name, rule, true, 0);
        }

        Case aroundAFixedPoint() {
            return new Case(name, rule, false, roundingToFloat);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
