package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class StrokeDigitsTest {

    private static final StrokeDigits DIGITS = StrokeDigits.of(3);

    @Test
    void imagesAreFlatOrHaveAChannelWithTheSamePixels() {
        Examples flat = DIGITS.writer(0, 20);
        Examples channel = DIGITS.shaped(IdxReader.ImageShape.CHANNELS_FIRST).writer(0, 20);
        assertEquals(List.of(784L), flat.featureShape());
        assertEquals(List.of(1L, 28L, 28L), channel.featureShape());
        assertEquals(OptionalInt.of(10), flat.classes());
        assertArrayEquals(pixels(flat), pixels(channel));
    }

    @Test
    void pixelsLieBetweenZeroAndOneAndMostAreDark() {
        for (Examples examples : List.of(DIGITS.writer(1, 200), DIGITS.heldOut(200))) {
            float[] pixels = pixels(examples);
            int bright = 0;
            for (float pixel : pixels) {
                assertTrue(pixel >= 0 && pixel <= 1, () -> "pixel " + pixel);
                bright += pixel > 0.5 ? 1 : 0;
            }
            double share = (double) bright / pixels.length;
            assertTrue(share > 0.05 && share < 0.3, () -> "share of ink " + share);
        }
    }

    @Test
    void noImageIsEmptyAndInkKeepsOffTheEdge() {
        Examples examples = DIGITS.heldOut(2000);
        float[] pixels = pixels(examples);
        int touching = 0;
        for (int i = 0; i < 2000; i++) {
            double ink = 0;
            boolean edge = false;
            for (int p = 0; p < 784; p++) {
                float value = pixels[i * 784 + p];
                ink += value > 0.3 ? 1 : 0;
                int row = p / 28;
                int column = p % 28;
                edge |= value > 0.3 && (row == 0 || row == 27 || column == 0 || column == 27);
            }
            double found = ink;
            assertTrue(found > 15, () -> "an image with " + found + " bright pixels");
            touching += edge ? 1 : 0;
        }
        int found = touching;
        assertTrue(found < 100, () -> found + " of 2000 images touch the edge");
    }

    @Test
    void eachTenExamplesHoldEachDigitOnce() {
        for (Examples examples : List.of(DIGITS.writer(5, 100), DIGITS.heldOut(100))) {
            for (int block = 0; block < 100; block += 10) {
                int[] labels = new int[10];
                for (int i = 0; i < 10; i++) {
                    labels[i] = examples.label(block + i);
                }
                Arrays.sort(labels);
                assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, labels);
            }
        }
    }

    @Test
    void aWriterDependsOnSeedAndIndexAlone() {
        float[] alone = pixels(DIGITS.writer(9, 30));
        DIGITS.writer(8, 30);
        assertArrayEquals(alone, pixels(StrokeDigits.of(3).writer(9, 30)));
        assertFalse(Arrays.equals(alone, pixels(StrokeDigits.of(4).writer(9, 30))));
        assertFalse(Arrays.equals(alone, pixels(DIGITS.writer(10, 30))));
    }

    /** Recorded from the first release, alike with the interpreter and the compilers of JDK 17. */
    @Test
    void theBitsAreAFormat() {
        StrokeDigits digits = StrokeDigits.of(2024);
        assertEquals(4015759912L, Fingerprint.of(digits.writer(0, 20)));
        assertEquals(2540174722L, Fingerprint.of(digits.heldOut(20)));
    }

    @Test
    void fewerExamplesAreTheFirstOfMore() {
        assertArrayEquals(pixels(DIGITS.writer(2, 13)), Arrays.copyOf(pixels(DIGITS.writer(2, 40)), 13 * 784));
        assertArrayEquals(pixels(DIGITS.heldOut(13)), Arrays.copyOf(pixels(DIGITS.heldOut(40)), 13 * 784));
    }

    @Test
    void heldOutWritersAreNotClients() {
        assertFalse(Arrays.equals(pixels(DIGITS.heldOut(10)), pixels(DIGITS.writer(0, 10))));
    }

    @Test
    void anExampleIsNeverRepeated() {
        Examples examples = DIGITS.writer(0, 200);
        float[][] images = new float[200][784];
        for (int i = 0; i < 200; i++) {
            examples.copyFeatures(i, images[i], 0);
            for (int j = 0; j < i; j++) {
                assertFalse(Arrays.equals(images[i], images[j]));
            }
        }
    }

    /**
     * What makes it a federation: of the same digit, two writers' mean images differ far more than two halves of one
     * writer's work do. The ratio is about 10, and above 4 for each of these pairs.
     */
    @Test
    void writersDifferMoreThanTwoHalvesOfOnesWork() {
        double within = 0;
        double between = 0;
        for (int writer = 0; writer < 10; writer++) {
            Examples own = DIGITS.writer(writer, 400);
            Examples other = DIGITS.writer(writer + 1, 400);
            for (int digit = 0; digit < 10; digit++) {
                float[] firstHalf = mean(own, digit, 0, 200);
                within += distance2(firstHalf, mean(own, digit, 200, 400));
                between += distance2(firstHalf, mean(other, digit, 0, 200));
            }
        }
        double ratio = between / within;
        assertTrue(ratio > 4, () -> "ratio " + ratio);
    }

    /** Nearest mean image, learned from 60 writers: far above chance for people never seen, and far from perfect. */
    @Test
    void digitsCanBeToldApartAcrossWritersButNotTrivially() {
        float[][] means = new float[10][784];
        for (int writer = 0; writer < 60; writer++) {
            Examples examples = DIGITS.writer(writer, 50);
            for (int digit = 0; digit < 10; digit++) {
                float[] mean = mean(examples, digit, 0, 50);
                for (int p = 0; p < 784; p++) {
                    means[digit][p] += mean[p] / 60;
                }
            }
        }
        Examples test = DIGITS.heldOut(2000);
        float[] image = new float[784];
        int right = 0;
        for (int i = 0; i < 2000; i++) {
            test.copyFeatures(i, image, 0);
            int best = 0;
            for (int digit = 1; digit < 10; digit++) {
                best = distance2(image, means[digit]) < distance2(image, means[best]) ? digit : best;
            }
            right += best == test.label(i) ? 1 : 0;
        }
        double accuracy = right / 2000.0;
        assertTrue(accuracy > 0.6 && accuracy < 0.92, () -> "accuracy " + accuracy);
    }

    @Test
    void rejectsValuesOutOfRange() {
        assertRejected("writer must be at least 0, but was -1", () -> DIGITS.writer(-1, 10));
        String range = "examples must be in [1, 2739137], what an array of pixels can hold, but was ";
        assertRejected(range + "0", () -> DIGITS.writer(0, 0));
        assertRejected(range + "0", () -> DIGITS.heldOut(0));
        assertRejected(range + "2739138", () -> DIGITS.heldOut(2_739_138));
    }

    @Test
    void namesItsParameters() {
        assertEquals("StrokeDigits[seed=3, FLAT]", DIGITS.toString());
    }

    private static float[] pixels(Examples examples) {
        float[] pixels = new float[examples.size() * 784];
        for (int i = 0; i < examples.size(); i++) {
            examples.copyFeatures(i, pixels, i * 784);
        }
        return pixels;
    }

    private static float[] mean(Examples examples, int digit, int from, int to) {
        float[] mean = new float[784];
        float[] image = new float[784];
        int count = (to - from) / 10;
        for (int i = from; i < to; i++) {
            if (examples.label(i) == digit) {
                examples.copyFeatures(i, image, 0);
                for (int p = 0; p < 784; p++) {
                    mean[p] += image[p] / count;
                }
            }
        }
        return mean;
    }

    private static double distance2(float[] a, float[] b) {
        double sum = 0;
        for (int p = 0; p < a.length; p++) {
            sum += (a[p] - b[p]) * (double) (a[p] - b[p]);
        }
        return sum;
    }

    private static void assertRejected(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
