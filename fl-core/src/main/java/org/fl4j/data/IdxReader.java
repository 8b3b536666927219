package org.fl4j.data;

import java.nio.file.Path;
import java.util.List;
import org.fl4j.CorruptDataException;

/**
 * Reads images and labels in the IDX format of MNIST and its relatives (Fashion-MNIST, EMNIST, KMNIST), plain or gzip;
 * which of the two is told by the first bytes, not by the name.
 *
 * <p>Format: two zero bytes, the type (only 8, unsigned byte), the rank, the sides as big-endian 4-byte integers, then
 * the values, last side fastest. Source: LeCun, Cortes, Burges, "The MNIST database", file formats.
 *
 * <ul>
 *   <li>Features are {@code byte / 255}, FP32 in [0, 1].
 *   <li>Labels are the bytes as they are; there are {@code max + 1} classes.
 *   <li>Memory is bounded by what the file holds, whatever its header claims.
 * </ul>
 *
 * <p>Every method throws {@link CorruptDataException} for a file that is truncated, too long, damaged gzip or of
 * another format, or if the two files hold different numbers of items, and {@link java.io.UncheckedIOException} if a
 * file is missing or cannot be read. Thread-safe.
 */
public final class IdxReader {

    private IdxReader() {}

    /**
     * Reads flat examples: features of shape {@code [d]}, d the product of the sides after the first.
     *
     * @param images an IDX file of rank 2 or more, the first side being the number of images
     * @param labels an IDX file of rank 1
     * @return the examples
     */
    public static Examples examples(Path images, Path labels) {
        return examples(images, labels, ImageShape.FLAT);
    }

    /**
     * Reads examples with a chosen feature shape.
     *
     * @param images an IDX file of rank 2 or more; of rank 3, {@code [n, rows, columns]}, where channels are asked for
     * @param labels an IDX file of rank 1
     * @param shape flat or with a channel
     * @return the examples
     */
    public static Examples examples(Path images, Path labels, ImageShape shape) {
        return read(images, labels).examples(shape, 0);
    }

    /**
     * Reads a directory that holds the four files of MNIST, or of a data set distributed like it, as flat examples.
     *
     * @return as {@link #mnist(Path, ImageShape)} with {@link ImageShape#FLAT}
     */
    public static TrainTest mnist(Path directory) {
        return mnist(directory, ImageShape.FLAT);
    }

    /**
     * Reads a directory that holds the four files of MNIST, or of a data set distributed like it.
     *
     * <p>Names looked for: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
     * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}; each also with a dot for the dash before
     * {@code idx}, and each also with {@code .gz} appended. The first that exists is read.
     *
     * <p>Both halves have as many classes: one more than the greatest label of the two. MNIST has 60,000 training and
     * 10,000 test images of 28 x 28; flat it takes 220 MB.
     *
     * @param directory where the four files are
     * @param shape flat, or with a channel: {@code [1, 28, 28]} for MNIST
     */
    public static TrainTest mnist(Path directory, ImageShape shape) {
        Pair training = MnistFiles.training(directory);
        Pair test = MnistFiles.test(directory);
        int classes = Math.max(training.classes(), test.classes());
        return new TrainTest(training.examples(shape, classes), test.examples(shape, classes));
    }

    static Pair read(Path images, Path labels) {
        return new Pair(images, IdxArray.read(images), labels, IdxArray.read(labels));
    }

    /** Two files that belong together, read but not yet turned into examples. */
    record Pair(Path imageFile, IdxArray images, Path labelFile, IdxArray labels) {

        Pair {
            requireRank(imageFile, images, images.sides().size() >= 2, "images of rank 2 or more");
            requireRank(labelFile, labels, labels.sides().size() == 1, "labels of rank 1");
            if (!images.sides().get(0).equals(labels.sides().get(0))) {
                throw new CorruptDataException(
                        imageFile + " has " + images.sides().get(0) + " images but " + labelFile + " has "
                                + labels.sides().get(0) + " labels; do the files belong together?");
            }
        }

        int classes() {
            int classes = 1;
            for (int i = 0; i < labels.length(); i++) {
                classes = Math.max(classes, labels.get(i) + 1);
            }
            return classes;
        }

        Examples examples(ImageShape shape, int minClasses) {
            float[] features = new float[images.length()];
            for (int i = 0; i < features.length; i++) {
                features[i] = images.get(i) / 255f;
            }
            int[] classOf = new int[labels.length()];
            for (int i = 0; i < classOf.length; i++) {
                classOf[i] = labels.get(i);
            }
            return Examples.classified(features, classOf, Math.max(minClasses, classes()), featureShape(shape));
        }

        private long[] featureShape(ImageShape shape) {
            List<Integer> sides = images.sides();
            if (shape == ImageShape.FLAT) {
                long length = 1;
                for (int side : sides.subList(1, sides.size())) {
                    length *= side;
                }
                return new long[] {length};
            }
            requireRank(imageFile, images, sides.size() == 3, "images of rank 3, [n, rows, columns], for " + shape);
            return shape.of(sides.get(1), sides.get(2));
        }

        private static void requireRank(Path file, IdxArray array, boolean right, String what) {
            if (!right) {
                throw new CorruptDataException(file + ": expected " + what + ". Found: sides " + array.sides());
            }
        }
    }

    /** The feature shape that an image of one channel is given; the values and their order (row by row) are the same. */
    public enum ImageShape {

        /** {@code [rows * columns]}, for dense layers. */
        FLAT {
            @Override
            long[] of(long rows, long columns) {
                return new long[] {rows * columns};
            }
        },

        /** {@code [1, rows, columns]}, channels first, for convolutions. */
        CHANNELS_FIRST {
            @Override
            long[] of(long rows, long columns) {
                return new long[] {1, rows, columns};
            }
        };

        abstract long[] of(long rows, long columns);
    }
}
