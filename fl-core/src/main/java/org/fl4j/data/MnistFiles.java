package org.fl4j.data;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the four files of MNIST in a directory, by the names {@link IdxReader#mnist} lists. */
final class MnistFiles {

    private MnistFiles() {}

    static IdxReader.Pair training(Path directory) {
        return pair(directory, "train");
    }

    static IdxReader.Pair test(Path directory) {
        return pair(directory, "t10k");
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
