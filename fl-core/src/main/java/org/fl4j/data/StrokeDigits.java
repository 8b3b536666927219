package org.fl4j.data;

import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * Handwritten-like digits, generated: images of {@value #SIDE} x {@value #SIDE} pixels, FP32 in [0, 1], ink bright on
 * black, ten classes, and a style for each writer. A federation in which each client is a writer, to try things on
 * without a download. It is no substitute for MNIST: results on it are comparable with each other only. Trained on 100
 * writers with 100 digits each, softmax regression reaches about 91 % on held-out writers and a 784-200-200-10 network
 * 97 % (plain SGD, rate 0.1, batches of 32, 10 epochs).
 *
 * <p>A digit is drawn as pen strokes, smooth curves through a few points. A writer has a slant, an aspect, a size, a
 * pen (width and darkness), a roundness of curves, a steadiness, a favourite among three ways of writing each digit,
 * and a habitual displacement of every point. A single digit adds jitter to each point, a rotation, a scale, a shift of
 * about a pixel, and pixel noise.
 *
 * <ul>
 *   <li>{@link #writer} depends on {@code (seed, writer)} alone; its first k examples are the same however many are
 *       asked for. There is no fixed number of writers.
 *   <li>Classes are balanced: each ten examples in a row hold each digit once, in random order. For label skew on top,
 *       divide the examples with a {@link Partitioner}.
 *   <li>{@link #heldOut} is written by people whom no client is.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class StrokeDigits {

    /** Rows and columns of an image. */
    public static final int SIDE = Handwriting.SIDE;

    /** How many classes there are: the digits 0 to 9. */
    public static final int CLASSES = DigitShapes.DIGITS;

    private static final int PIXELS = SIDE * SIDE;
    private static final int MAX_EXAMPLES = (Integer.MAX_VALUE - 8) / PIXELS;
    private static final double NOISE = 0.06;

    private final long seed;
    private final IdxReader.ImageShape shape;

    private StrokeDigits(long seed, IdxReader.ImageShape shape) {
        this.seed = seed;
        this.shape = shape;
    }

    /**
     * A world of writers, with flat images.
     *
     * @param seed decides everything
     * @return the generator, features of shape {@code [784]}
     */
    public static StrokeDigits of(long seed) {
        return new StrokeDigits(seed, IdxReader.ImageShape.FLAT);
    }

    /**
     * The same images in a chosen shape.
     *
     * @param imageShape flat, or with a channel: {@code [1, 28, 28]}
     * @return a changed copy
     */
    public StrokeDigits shaped(IdxReader.ImageShape imageShape) {
        return new StrokeDigits(seed, imageShape);
    }

    /**
     * What one writer writes.
     *
     * @param writer at least 0
     * @param examples how many digits, at least 1
     * @return the examples
     * @throws IllegalArgumentException if the writer is negative, or the number of examples below 1 or too large for an
     *     array
     */
    public Examples writer(int writer, int examples) {
        Check.atLeast("writer", writer, 0);
        requireExamples(examples);
        Sheet sheet = new Sheet(examples);
        sheet.fill(0, examples, Integer.toString(writer), "stroke-digits/writer");
        return sheet.examples(shape);
    }

    /**
     * Digits for a test, by writers that {@link #writer} never returns: each writes ten, one of each class.
     *
     * @param examples how many digits, at least 1
     * @return the examples
     * @throws IllegalArgumentException if the number of examples is below 1 or too large for an array
     */
    public Examples heldOut(int examples) {
        requireExamples(examples);
        Sheet sheet = new Sheet(examples);
        for (int from = 0; from < examples; from += CLASSES) {
            int to = Math.min(from + CLASSES, examples);
            sheet.fill(from, to, Integer.toString(from / CLASSES), "stroke-digits/held-out");
        }
        return sheet.examples(shape);
    }

    @Override
    public String toString() {
        return "StrokeDigits[seed=" + seed + ", " + shape + "]";
    }

    private static void requireExamples(int examples) {
        if (examples < 1 || examples > MAX_EXAMPLES) {
            throw new IllegalArgumentException("examples must be in [1, " + MAX_EXAMPLES
                    + "], what an array of pixels can hold, but was " + examples);
        }
    }

    /** Images and labels on their way. */
    private final class Sheet {

        private final float[] pixels;
        private final int[] labels;
        private final StrokeCanvas canvas;

        Sheet(int examples) {
            pixels = new float[examples * PIXELS];
            labels = new int[examples];
            canvas = new StrokeCanvas(pixels, SIDE);
        }

        void fill(int from, int to, String writer, String purpose) {
            Handwriting hand = new Handwriting(random(writer, purpose + "/style"));
            DeterministicRandom classes = random(writer, purpose + "/classes");
            DeterministicRandom images = random(writer, purpose + "/images");
            int[] block = {};
            for (int i = from; i < to; i++) {
                int at = (i - from) % CLASSES;
                if (at == 0) {
                    block = classes.permutation(CLASSES);
                }
                labels[i] = block[at];
                canvas.begin(i * PIXELS);
                hand.draw(labels[i], images, canvas);
                develop(i * PIXELS, hand.ink(), images);
            }
        }

        /** Darkness and noise; four pixels share the 64 bits of one draw. */
        private void develop(int first, double ink, DeterministicRandom random) {
            float intensity = (float) Math.min(1, ink * (0.9 + 0.2 * random.nextDouble()));
            for (int i = first; i < first + PIXELS; i += 4) {
                long bits = random.nextLong();
                for (int j = i; j < i + 4; j++) {
                    float noise = (float) (NOISE * 0x1p-15) * (short) bits;
                    pixels[j] = Math.max(0f, Math.min(1f, intensity * pixels[j] + noise));
                    bits >>>= 16;
                }
            }
        }

        Examples examples(IdxReader.ImageShape imageShape) {
            return Examples.classified(pixels, labels, CLASSES, imageShape.of(SIDE, SIDE));
        }

        private DeterministicRandom random(String writer, String purpose) {
            return new DeterministicRandom(Seeds.derive(seed, 0, writer, purpose));
        }
    }
}
