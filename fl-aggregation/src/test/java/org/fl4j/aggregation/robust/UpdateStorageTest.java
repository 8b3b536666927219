package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.Rounds;
import org.fl4j.client.ClientUpdate;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class UpdateStorageTest {

    /** More coordinates than are written or read at once. */
    @FloatAndDouble
    void aFileReturnsTheDeltasWrittenToIt(DataType dtype, @TempDir Path directory) {
        ParameterLayout layout = Fixtures.layout(dtype, 40_000);
        List<ModelDelta> deltas = Rounds.random(2, 3, layout);
        UpdateFile file = new UpdateFile(directory, layout);
        deltas.forEach(file::add);
        double[] stretch = new double[20_002];
        file.copyTo(2, 19_000, 20_000, stretch, 1);

        for (int i = 0; i < deltas.size(); i++) {
            assertEquals(deltas.get(i), file.get(i));
        }
        assertEquals(0, stretch[0]);
        assertEquals(deltas.get(2).get(19_000), stretch[1]);
        assertEquals(deltas.get(2).get(38_999), stretch[20_000]);
        assertEquals(0, stretch[20_001]);
        file.close();
    }

    @Test
    void namesAMissingDirectory(@TempDir Path directory) {
        Path missing = directory.resolve("missing");
        ParameterLayout layout = Fixtures.layout(1);
        ClientUpdate update = Fixtures.update(0, ModelDelta.of(layout, 1), 1);
        Krum rule = Krum.tolerating(0).storedIn(UpdateStorage.inFiles(missing));
        try (Aggregation aggregation = rule.begin(Fixtures.context(layout)).aggregation()) {
            String message = assertThrows(UncheckedIOException.class, () -> aggregation.add(0, update))
                    .getMessage();

            assertTrue(
                    message.startsWith("a round's updates could not be written in '" + missing
                            + "': java.nio.file.NoSuchFileException: "),
                    message);
        }
    }

    @Test
    void anInterruptEndsTheRoundAndKeepsTheFlag(@TempDir Path directory) {
        ParameterLayout layout = Fixtures.layout(1);
        UpdateFile file = new UpdateFile(directory, layout);
        file.add(ModelDelta.of(layout, 1));
        Thread.currentThread().interrupt();
        String message =
                assertThrows(RunInterruptedException.class, () -> file.get(0)).getMessage();

        assertTrue(Thread.interrupted());
        assertEquals("interrupted while updates were held in a file of '" + directory + "'", message);
        file.close();
        assertEquals(0, directory.toFile().listFiles().length);
    }
}
