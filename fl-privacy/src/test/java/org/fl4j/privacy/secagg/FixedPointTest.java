package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalDouble;
import org.fl4j.privacy.secagg.internal.vector.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FixedPointTest {

    @ParameterizedTest
    @CsvSource({"1, -20", "1.999, -20", "2, -19", "0.75, -21", "5, -18", "1e-3, -30"})
    void theRangeHasAtLeastAMillionSteps(double range, int exponent) {
        assertEquals(
                new Scale(range, Math.scalb(1.0, exponent)),
                FixedPoint.within(range).scales().scale());
    }

    @Test
    void keepsAStatedResolution() {
        assertEquals(
                new Scale(3, 0x1p-12),
                FixedPoint.within(3).resolution(0x1p-12).scales().scale());
        assertEquals(
                new Scale(4, 4), FixedPoint.within(4).resolution(4).scales().scale());
    }

    /** At least as many steps as stated, and fewer than twice as many. */
    @ParameterizedTest
    @CsvSource({"1, 4, -4", "1.999, 4, -4", "0.08, 2, -6", "4, 0, 2", "3, 40, -39"})
    void keepsAStatedNumberOfSteps(double range, int exponent, int step) {
        FixedPoint numbers = FixedPoint.within(range).weighingAtMost(10).inSteps(exponent);

        assertEquals(new Scale(range, Math.scalb(1.0, step)), numbers.scales().scale());
        assertEquals(OptionalDouble.of(10), numbers.scales().weightCap());
    }

    @Test
    void rejectsNumbersOfStepsOutOfRange() {
        assertRejected(
                "exponent must be in [0, 40], but was -1",
                () -> FixedPoint.within(1).inSteps(-1));
        assertRejected(
                "exponent must be in [0, 40], but was 41",
                () -> FixedPoint.within(1).inSteps(41));
    }

    @Test
    void namedSegmentsHaveTheirWeightsInTheirScale() {
        FixedPoint numbers = FixedPoint.within(1)
                .segment("steps", FixedPoint.within(100).resolution(1))
                .segment("control", FixedPoint.within(0.5).resolution(0x1p-10).weighingAtMost(500));

        assertEquals(new Scale(100, 1), numbers.scales().named().get("steps"));
        // 500 is between 2^8 and 2^9.
        assertEquals(new Scale(250, 0x1p-2), numbers.scales().named().get("control"));
        assertEquals(2, numbers.scales().named().size());
    }

    @Test
    void theLastNumbersOfASegmentApply() {
        FixedPoint numbers =
                FixedPoint.within(1).segment("steps", FixedPoint.within(7)).segment("steps", FixedPoint.within(8));

        assertEquals(8, numbers.scales().named().get("steps").range());
        assertEquals(1, numbers.scales().named().size());
    }

    @Test
    void changesKeepTheRestAndTheOriginal() {
        FixedPoint before = FixedPoint.within(2).weighingAtMost(10).segment("steps", FixedPoint.within(7));
        FixedPoint after = before.resolution(0x1p-5);

        assertEquals(OptionalDouble.of(10), after.scales().weightCap());
        assertEquals(before.scales().named(), after.scales().named());
        assertEquals(0x1p-19, before.scales().scale().step());
        assertEquals(
                OptionalDouble.of(10),
                before.segment("more", FixedPoint.within(1)).scales().weightCap());
        assertEquals(before.scales().named(), before.weighingAtMost(3).scales().named());
        assertEquals(OptionalDouble.empty(), FixedPoint.within(2).scales().weightCap());
    }

    @Test
    void equalWhereTheSameIsStated() {
        FixedPoint numbers = FixedPoint.within(2).weighingAtMost(10).segment("steps", FixedPoint.within(8));
        FixedPoint same = FixedPoint.within(2)
                .segment("steps", FixedPoint.within(2).weighingAtMost(4))
                .weighingAtMost(10)
                .resolution(0x1p-19);

        assertEquals(numbers, same);
        assertEquals(numbers.hashCode(), same.hashCode());
        assertNotEquals(numbers, numbers.resolution(0x1p-18));
        assertNotEquals(numbers, numbers.weighingAtMost(11));
        assertNotEquals(numbers, numbers.segment("steps", FixedPoint.within(9)));
        assertNotEquals(
                FixedPoint.within(2).resolution(0x1p-18), FixedPoint.within(3).resolution(0x1p-18));
    }

    @Test
    void printsWhatIsStated() {
        assertEquals(
                "FixedPoint(range=2.0, resolution=0.25, weight<=10.0, control=(range=0.5, resolution=0.5))",
                FixedPoint.within(2)
                        .resolution(0.25)
                        .weighingAtMost(10)
                        .segment("control", FixedPoint.within(0.5).resolution(0.5))
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0x1.fffffffffffffp-201, 0x1.0000000000001p200, Double.POSITIVE_INFINITY, Double.NaN})
    void rejectsExtremeNumbers(double value) {
        assertRejected("range must be from 2^-200 to 2^200, but was " + value, () -> FixedPoint.within(value));
        FixedPoint numbers = FixedPoint.within(1);
        assertRejected("resolution must be from 2^-200 to 2^200, but was " + value, () -> numbers.resolution(value));
        assertRejected("weightCap must be from 2^-200 to 2^200, but was " + value, () -> numbers.weighingAtMost(value));
    }

    @Test
    void acceptsBothEndsOfTheRange() {
        assertEquals(
                new Scale(0x1p-200, 0x1p-220),
                FixedPoint.within(0x1p-200).scales().scale());
        assertEquals(
                new Scale(0x1p200, 0x1p180), FixedPoint.within(0x1p200).scales().scale());
    }

    @Test
    void rejectsResolutionsThatAreNoPowerOfTwo() {
        assertRejected(
                "resolution must be a power of two, but was 0.001; the nearest below is 2^-10 = 9.765625E-4",
                () -> FixedPoint.within(1).resolution(0.001));
    }

    @Test
    void rejectsResolutionsAboveTheRange() {
        assertRejected(
                "resolution must be at most the range, 3.0, but was 4.0",
                () -> FixedPoint.within(3).resolution(4));
    }

    @Test
    void rejectsNestedSegments() {
        FixedPoint nested = FixedPoint.within(1)
                .resolution(1)
                .segment("a", FixedPoint.within(1).resolution(1));
        assertRejected(
                "numbers of one segment must not name segments, but was FixedPoint(range=1.0, resolution=1.0,"
                        + " a=(range=1.0, resolution=1.0))",
                () -> FixedPoint.within(1).segment("b", nested));
    }

    private static void assertRejected(String message, Executable bad) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, bad).getMessage());
    }
}
