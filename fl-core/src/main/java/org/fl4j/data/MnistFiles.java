package org.fl4j.data;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a directory that holds the four files of MNIST, or of a data set distributed like it.
 *
 * <p>Names looked for: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
 * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}; each also with a dot for the dash before
 * {@code idx}, and each also with {@code .gz} appended. The first that exists is read; whether it is gzip is told by
 * its content.
 *
 * <p>Features and labels are as {@link IdxReader} makes them, with as many classes in both halves: one more than the
 * greatest label of the two. MNIST has 60,000 training and 10,000 test images of 28 x 28; flat it takes 220 MB.
 *
 * <p>Thread-safe.
 */
public final class MnistFiles {

    private MnistFiles() {}

    /**
     * Reads flat images, shape {@code [784]} for MNIST.
     *
     * @param directory where the four files are
     * @return the training and the test examples
     * @throws UncheckedIOException if a file is missing or cannot be read
     * @throws MalformedDataException if a file is not what it should be
     */
    public static TrainTest read(Path directory) {
        return read(directory, ImageShape.FLAT);
    }

    /**
     * Reads images with a chosen feature shape.
     *
     * @param directory where the four files are
     * @param shape flat, or with a channel: {@code [1, 28, 28]} for MNIST
     * @return the training and the test examples
     * @throws UncheckedIOException if a file is missing or cannot be read
     * @throws MalformedDataException if a file is not what it should be
     */
    public static TrainTest read(Path directory, ImageShape shape) {
        IdxReader.Pair training = pair(directory, "train");
        IdxReader.Pair test = pair(directory, "t10k");
        int classes = Math.max(training.classes(), test.classes());
        return new TrainTest(training.examples(shape, classes), test.examples(shape, classes));
    }

    private static IdxReader.Pair pair(Path directory, String part) {
        Path images = find(directory, part + "-images", "idx3-ubyte");
        return IdxReader.read(images, find(directory, part + "-labels", "idx1-ubyte"));
    }

    private static Path find(Path directory, String stem, String format) {
        List<String> names = new ArrayList<>();
        for (String separator : List.of("-", ".")) {
            for (String packed : List.of("", ".gz")) {
                String name = stem + separator + format + packed;
                if (Files.isRegularFile(directory.resolve(name))) {
                    return directory.resolve(name);
                }
                names.add(name);
            }
        }
        throw new UncheckedIOException(
                "directory " + directory + " has no " + stem + " file of MNIST; looked for " + String.join(", ", names),
                new NoSuchFileException(directory.resolve(names.get(0)).toString()));
    }
}
