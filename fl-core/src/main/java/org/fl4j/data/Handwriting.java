package org.fl4j.data;

import java.util.Arrays;
import org.fl4j.random.DeterministicRandom;

/**
 * One writer's hand: what stays the same from digit to digit, drawn once, and how a single digit varies around it.
 *
 * <p>A point of a digit's shape passes through: the writer's habit (a fixed offset of each point of each shape), the
 * digit's own jitter, the writer's warp, slant and aspect, the digit's rotation, then scale to pixels and centring.
 */
final class Handwriting {

    static final int SIDE = 28;

    private static final double CENTRE = (SIDE - 1) / 2.0;

    /** No point of a digit lies further than this from the centre, so that nearly all ink is inside. */
    private static final double MARGIN = 11.5;

    private static final double FAVOURITE = 0.85;

    private final double[][][][] habits = new double[DigitShapes.DIGITS][][][];
    private final int[] favourite = new int[DigitShapes.DIGITS];
    private final double slant;
    private final double aspect;
    private final double halfHeight;
    private final double penRadius;
    private final double roundness;
    private final double jitter;
    private final double ink;
    private final double[] warp = new double[4];

    private double[] points = new double[64];

    Handwriting(DeterministicRandom random) {
        slant = 0.15 + 0.19 * random.nextGaussian();
        aspect = StrictMath.exp(0.17 * random.nextGaussian());
        halfHeight = 8.8 * StrictMath.exp(0.09 * random.nextGaussian());
        penRadius = 1.15 * StrictMath.exp(0.22 * random.nextGaussian());
        roundness = between(random, 0.25, 0.65);
        jitter = between(random, 0.03, 0.07);
        ink = between(random, 0.75, 1);
        for (int i = 0; i < warp.length; i++) {
            warp[i] = 0.08 * random.nextGaussian();
        }
        for (int digit = 0; digit < DigitShapes.DIGITS; digit++) {
            favourite[digit] = random.nextInt(DigitShapes.ways(digit));
            habits[digit] = habits(digit, random);
        }
    }

    /** Draws one digit on an empty image. */
    void draw(int digit, DeterministicRandom random, StrokeCanvas canvas) {
        int way = random.nextDouble() < FAVOURITE ? favourite[digit] : random.nextInt(DigitShapes.ways(digit));
        double[][] strokes = habits[digit][way];
        int length = place(strokes, random);
        toPixels(length, random);
        double radius = penRadius * StrictMath.exp(0.1 * random.nextGaussian());
        int at = 0;
        for (double[] stroke : strokes) {
            double[] own = Arrays.copyOfRange(points, at, at + stroke.length);
            canvas.curve(own, own.length / 2, roundness, radius);
            at += stroke.length;
        }
    }

    /** How dark this writer's pen is, from 0 to 1. */
    double ink() {
        return ink;
    }

    /** Jitter, warp, slant, aspect and rotation, in the units of the shapes. */
    private int place(double[][] strokes, DeterministicRandom random) {
        double angle = 0.08 * random.nextGaussian();
        double sin = StrictMath.sin(angle);
        double cos = StrictMath.cos(angle);
        int length = 0;
        for (double[] stroke : strokes) {
            for (int i = 0; i < stroke.length; i += 2) {
                double x = stroke[i] + jitter * random.nextGaussian();
                double y = stroke[i + 1] + jitter * random.nextGaussian();
                double warpedX = x + warp[0] * y * y + warp[1] * x * y;
                double warpedY = y + warp[2] * x * x + warp[3] * x * y;
                double slanted = aspect * warpedX - slant * warpedY;
                points[length] = cos * slanted - sin * warpedY;
                points[length + 1] = sin * slanted + cos * warpedY;
                length += 2;
            }
        }
        return length;
    }

    /** Scales, keeps inside the margin, and centres the bounding box but for a shift. */
    private void toPixels(int length, DeterministicRandom random) {
        double scale = halfHeight * StrictMath.exp(0.06 * random.nextGaussian());
        for (int axis = 0; axis < 2; axis++) {
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            for (int i = axis; i < length; i += 2) {
                min = Math.min(min, points[i]);
                max = Math.max(max, points[i]);
            }
            double fitting = Math.min(scale, MARGIN / ((max - min) / 2));
            double shift = CENTRE - fitting * (min + max) / 2 + 0.75 * random.nextGaussian();
            for (int i = axis; i < length; i += 2) {
                points[i] = fitting * points[i] + shift;
            }
        }
    }

    private static double[][][] habits(int digit, DeterministicRandom random) {
        double[][][] ways = new double[DigitShapes.ways(digit)][][];
        for (int way = 0; way < ways.length; way++) {
            double[][] strokes = DigitShapes.strokes(digit, way);
            ways[way] = new double[strokes.length][];
            for (int s = 0; s < strokes.length; s++) {
                double[] own = strokes[s].clone();
                for (int i = 0; i < own.length; i++) {
                    own[i] += 0.055 * random.nextGaussian();
                }
                ways[way][s] = own;
            }
        }
        return ways;
    }

    private static double between(DeterministicRandom random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
