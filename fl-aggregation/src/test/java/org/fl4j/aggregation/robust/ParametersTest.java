package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class ParametersTest {

    static Stream<Arguments> outOfRange() {
        String f = "f must be at least 0, but was -1";
        CenteredClipping clipping = CenteredClipping.radius(1);
        GeometricMedian median = GeometricMedian.uniform();
        MultiKrum multiKrum = MultiKrum.tolerating(1);
        String nu = "smoothing must be >= 2.2250738585072014E-308 and < infinity, but was ";
        String pull = "tolerance must be in [0, 1), but was ";
        return Stream.of(
                refused(f, () -> CoordinateMedian.tolerating(-1)),
                refused(f, () -> Krum.tolerating(-1)),
                refused(f, () -> MultiKrum.tolerating(-1)),
                refused(f, () -> Bulyan.tolerating(-1)),
                refused(f, () -> NearestNeighbourMixing.on(clipping, -1)),
                refused("m must be at least 1, but was 0", () -> multiKrum.selecting(0)),
                refused("share must be >= 0 and < 0.5, but was 0.5", () -> TrimmedMean.share(0.5)),
                refused("share must be >= 0 and < 0.5, but was -0.1", () -> TrimmedMean.share(-0.1)),
                refused("share must be >= 0 and < 0.5, but was NaN", () -> TrimmedMean.share(Double.NaN)),
                refused(nu + "0.0", () -> median.withSmoothing(0)),
                refused(nu + "NaN", () -> median.withSmoothing(Double.NaN)),
                refused(nu + "Infinity", () -> median.withSmoothing(Double.POSITIVE_INFINITY)),
                refused("maxIterations must be at least 1, but was 0", () -> median.withMaxIterations(0)),
                refused(pull + "-1.0", () -> median.withTolerance(-1)),
                refused(pull + "1.0", () -> median.withTolerance(1)),
                refused(pull + "NaN", () -> median.withTolerance(Double.NaN)),
                refused("radius must be > 0 and < infinity, but was 0.0", () -> CenteredClipping.radius(0)),
                refused("radius must be > 0 and < infinity, but was NaN", () -> CenteredClipping.radius(Double.NaN)),
                refused(
                        "radius must be > 0 and < infinity, but was Infinity",
                        () -> CenteredClipping.radius(Double.POSITIVE_INFINITY)),
                refused("iterations must be at least 1, but was 0", () -> clipping.withIterations(0)),
                refused("maxNorm must be > 0 and < infinity, but was -1.0", () -> NormBounding.of(-1)),
                refused("maxNorm must be > 0 and < infinity, but was NaN", () -> NormBounding.of(Double.NaN)),
                refused(
                        "maxNorm must be > 0 and < infinity, but was Infinity",
                        () -> NormBounding.of(Double.POSITIVE_INFINITY)));
    }

    private static Arguments refused(String message, Executable program) {
        return Arguments.of(message, program);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outOfRange")
    void rejectsParametersOutOfRange(String message, Executable program) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, program).getMessage());
    }

    static Stream<Arguments> rules() {
        UpdateStorage heap = UpdateStorage.onHeap();
        return Stream.of(
                Arguments.of(
                        "CoordinateMedian.tolerating(2)",
                        CoordinateMedian.tolerating(2).storedIn(heap)),
                Arguments.of("TrimmedMean.share(0.1)", TrimmedMean.share(0.1).storedIn(heap)),
                Arguments.of("Krum.tolerating(2)", Krum.tolerating(2).storedIn(heap)),
                Arguments.of("MultiKrum.tolerating(2)", MultiKrum.tolerating(2).storedIn(heap)),
                Arguments.of(
                        "MultiKrum.tolerating(2).selecting(3)",
                        MultiKrum.tolerating(2).selecting(3).storedIn(heap)),
                Arguments.of("Bulyan.tolerating(2)", Bulyan.tolerating(2).storedIn(heap)),
                Arguments.of(
                        "GeometricMedian.uniform[smoothing=1.0E-6, maxIterations=100, tolerance=1.0E-6]",
                        GeometricMedian.uniform().storedIn(heap)),
                Arguments.of(
                        "GeometricMedian.byExamples[smoothing=0.5, maxIterations=7, tolerance=0.25]",
                        GeometricMedian.byExamples()
                                .withSmoothing(0.5)
                                .withMaxIterations(7)
                                .withTolerance(0.25)),
                Arguments.of(
                        "CenteredClipping.radius(2.0).withIterations(1)",
                        CenteredClipping.radius(2).storedIn(heap)),
                Arguments.of("NormBounding.on(FedAvg.uniform, 3.0)", NormBounding.of(3)),
                Arguments.of(
                        "NearestNeighbourMixing.on(Krum.tolerating(1), 2)",
                        NearestNeighbourMixing.on(Krum.tolerating(1), 2).storedIn(heap)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void namesItselfWithItsParameters(String expected, DirectAggregator rule) {
        assertEquals(expected, rule.toString());
    }

    /** In a DOUBLE layout, whose squares may overflow; FLOAT cannot hold such. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void rejectsADeltaWhoseSquaresOverflow(String name, DirectAggregator rule) {
        ParameterLayout wide = Fixtures.layout(1);
        ParameterLayout narrow = Fixtures.layout(DataType.FLOAT, 1);
        Aggregation inDouble = rule.begin(Fixtures.context(wide)).aggregation();
        Aggregation inFloat = rule.begin(Fixtures.context(narrow)).aggregation();

        assertEquals(
                Optional.of("the norm of the delta must be < 1.0E150, but was 1.0E150; did local training diverge?"),
                inDouble.refusal(Fixtures.update(0, ModelDelta.of(wide, 1e150), 1)));
        assertEquals(
                Optional.of("the norm of the delta must be < 1.0E150, but was Infinity; did local training diverge?"),
                inDouble.refusal(Fixtures.update(0, ModelDelta.of(wide, 1e300), 1)));
        assertEquals(Optional.empty(), inDouble.refusal(Fixtures.update(0, ModelDelta.of(wide, 9e149), 1)));
        assertEquals(Optional.empty(), inFloat.refusal(Fixtures.update(0, ModelDelta.of(narrow, 3e38), 1)));
    }

    /** 0.29 * 100 is 28.999999999999996 in FP64; 2.0 / 7 is short of two sevenths, in FP64 and in decimal. */
    @Test
    void trimsExactlyWhereTheShareIsAWholeNumberOfUpdates() {
        assertEquals(29, TrimmedMean.share(0.29).removedPerSide(100));
        assertEquals(57, TrimmedMean.share(0.285).removedPerSide(200));
        assertEquals(0, TrimmedMean.share(0.1).removedPerSide(9));
        assertEquals(1, TrimmedMean.share(0.1).removedPerSide(10));
        assertEquals(0, TrimmedMean.share(0.49).removedPerSide(2));
        assertEquals(1, TrimmedMean.share(0.49).removedPerSide(3));
        for (int n = 3; n <= 1000; n++) {
            for (int f = 0; 2 * f < n; f++) {
                assertEquals(f, TrimmedMean.share((double) f / n).removedPerSide(n), f + " of " + n);
            }
        }
    }

    @Test
    void trimmingLeavesAtLeastOneValue() {
        double almostHalf = Math.nextDown(0.5);
        for (int n = 1; n <= 1000; n++) {
            assertEquals((n - 1) / 2, TrimmedMean.share(almostHalf).removedPerSide(n), n + " updates");
        }
    }

    /** 2 and 4 are equally far from the median 3. */
    @Test
    void bulyanKeepsTheSmallerOfTwoValuesEquallyFarFromTheMedian() {
        double[][] rows = {{0}, {2}, {3}, {4}, {9}};
        double[] mean = new double[1];
        Bulyan.closest(rows, 2, 1, mean, 0);

        assertEquals(2.5, mean[0]);
    }
}
