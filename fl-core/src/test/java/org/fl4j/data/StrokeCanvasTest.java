package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StrokeCanvasTest {

    @Test
    void aPixelsValueIsWhatThePenCoversOfIt() {
        float[] pixels = new float[49];
        canvas(pixels).curve(new double[] {1, 3, 5, 3}, 2, 0, 1.2);
        // The distance to the line is 0, 1, 2, 3 rows; the pen reaches 1.2, so a row at 1 is covered by 0.7.
        float[] column = new float[7];
        for (int row = 0; row < 7; row++) {
            column[row] = pixels[row * 7 + 3];
        }
        assertArrayEquals(new float[] {0, 0, 0.7f, 1, 0.7f, 0, 0}, column, 1e-6f);
    }

    @Test
    void endsAreRound() {
        float[] pixels = new float[49];
        canvas(pixels).curve(new double[] {3, 3, 3, 3}, 2, 0.5, 1.2);
        assertEquals(1.7 - Math.sqrt(2), pixels[2 * 7 + 2], 1e-6);
        assertEquals(0.7, pixels[2 * 7 + 3], 1e-6);
        assertEquals(0, pixels[7 + 3]);
    }

    @Test
    void crossingStrokesDoNotAddUp() {
        float[] pixels = new float[49];
        StrokeCanvas canvas = canvas(pixels);
        canvas.curve(new double[] {1, 1, 5, 5}, 2, 0, 0.4);
        float before = pixels[3 * 7 + 3];
        canvas.curve(new double[] {1, 5, 5, 1}, 2, 0, 0.4);
        assertEquals(before, pixels[3 * 7 + 3]);
    }

    @Test
    void curvesPassThroughTheirPoints() {
        float[] pixels = new float[49];
        canvas(pixels).curve(new double[] {0, 0, 2, 5, 4, 1, 6, 6}, 4, 0.5, 0.5);
        assertEquals(1, pixels[5 * 7 + 2]);
        assertEquals(1, pixels[7 + 4]);
        assertEquals(1, pixels[6 * 7 + 6]);
    }

    @Test
    void roundnessBendsTheCurveBetweenItsPoints() {
        double[] points = {1, 5, 3, 1, 5, 5};
        float[] straight = new float[49];
        canvas(straight).curve(points, 3, 0, 0.5);
        float[] round = new float[49];
        canvas(round).curve(points, 3, 0.5, 0.5);
        assertEquals(1, straight[3 * 7 + 2]);
        assertEquals(0.793734, round[3 * 7 + 2], 1e-6);
    }

    @Test
    void whatLiesOutsideTheImageIsCutOff() {
        float[] pixels = new float[3 * 49];
        StrokeCanvas canvas = new StrokeCanvas(pixels, 7);
        canvas.begin(49);
        canvas.curve(new double[] {-20, -20, 30, 30, 30, -9}, 3, 0.5, 3);
        for (int p = 0; p < 49; p++) {
            assertEquals(0, pixels[p]);
            assertEquals(0, pixels[98 + p]);
        }
    }

    private static StrokeCanvas canvas(float[] pixels) {
        return new StrokeCanvas(pixels, 7);
    }
}
