package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistFilesTest {

    @TempDir
    Path directory;

    @Test
    void findsEverySpelling() throws IOException {
        writeTraining("train-images-idx3-ubyte.gz", "train-labels.idx1-ubyte");
        IdxFiles.write(directory, "t10k-images.idx3-ubyte.gz", IdxFiles.gzip(IdxFiles.counting(1, 4, 4)));
        IdxFiles.write(directory, "t10k-labels-idx1-ubyte", IdxFiles.labels(1));
        TrainTest data = IdxReader.mnist(directory);
        assertEquals(3, data.training().size());
        assertEquals(1, data.test().size());
        assertEquals(List.of(16L), data.training().featureShape());
    }

    @Test
    void bothHalvesHaveTheClassesOfTheGreaterLabel() throws IOException {
        writeTraining("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
        IdxFiles.write(directory, "t10k-images-idx3-ubyte", IdxFiles.counting(1, 4, 4));
        IdxFiles.write(directory, "t10k-labels-idx1-ubyte", IdxFiles.labels(7));
        TrainTest data = IdxReader.mnist(directory, IdxReader.ImageShape.CHANNELS_FIRST);
        assertEquals(OptionalInt.of(8), data.training().classes());
        assertEquals(OptionalInt.of(8), data.test().classes());
        assertEquals(List.of(1L, 4L, 4L), data.test().featureShape());
    }

    @Test
    void saysWhatItLookedForWhereAFileIsMissing() throws IOException {
        writeTraining("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
        IdxFiles.write(directory, "t10k-images-idx3-ubyte", IdxFiles.counting(1, 4, 4));
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> IdxReader.mnist(directory));
        assertEquals(
                "directory " + directory + " has no t10k-labels file of MNIST; looked for t10k-labels-idx1-ubyte,"
                        + " t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz",
                e.getMessage());
        assertInstanceOf(NoSuchFileException.class, e.getCause());
    }

    @Test
    void aDirectoryInAFilesPlaceIsNoFile() throws IOException {
        Files.createDirectory(directory.resolve("train-images-idx3-ubyte"));
        writeTraining("train-images.idx3-ubyte", "train-labels-idx1-ubyte");
        IdxFiles.write(directory, "t10k-images-idx3-ubyte", IdxFiles.counting(1, 4, 4));
        IdxFiles.write(directory, "t10k-labels-idx1-ubyte", IdxFiles.labels(1));
        assertEquals(3, IdxReader.mnist(directory).training().size());
    }

    @Test
    void trainingAndTestMustHaveTheSameShapes() throws IOException {
        writeTraining("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
        IdxFiles.write(directory, "t10k-images-idx3-ubyte", IdxFiles.counting(1, 5, 5));
        IdxFiles.write(directory, "t10k-labels-idx1-ubyte", IdxFiles.labels(1));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> IdxReader.mnist(directory));
        assertEquals(
                "training and test examples must have the same shapes, but was Examples[size=3, features=[16],"
                        + " labels=[3] (classes)] and Examples[size=1, features=[25], labels=[3] (classes)]",
                e.getMessage());
    }

    private void writeTraining(String images, String labels) throws IOException {
        byte[] plain = IdxFiles.counting(3, 4, 4);
        IdxFiles.write(directory, images, images.endsWith(".gz") ? IdxFiles.gzip(plain) : plain);
        IdxFiles.write(directory, labels, IdxFiles.labels(0, 1, 2));
    }
}
