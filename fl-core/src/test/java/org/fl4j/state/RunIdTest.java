package org.fl4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** A run is named by its seed, its initial weights, and a random part. */
class RunIdTest {

    private static final ModelWeights WEIGHTS = weights("W", 1, 2);

    @Test
    void theStartDependsOnSeedWeightsAndLayout() {
        RunId id = run(WEIGHTS, 7);

        assertEquals(id, run(weights("W", 1, 2), 7));
        assertFalse(id.isSameStart(run(WEIGHTS, 8)));
        assertFalse(id.isSameStart(run(weights("W", 1, 3), 7)));
        assertFalse(id.isSameStart(run(weights("V", 1, 2), 7)));
    }

    @Test
    void theRandomPartIsDrawnOnceAndDistinguishesRuns() {
        RunId id = run(WEIGHTS, 7);
        RunId first = id.drawn();

        assertFalse(id.isDrawn());
        assertTrue(first.isDrawn());
        assertSame(first, first.drawn());
        assertNotEquals(first, id);
        assertNotEquals(first, id.drawn());
        assertTrue(first.isSameStart(id.drawn()));
    }

    @Test
    void survivesSerialization() {
        for (RunId id : List.of(run(WEIGHTS, 7), run(WEIGHTS, 7).drawn())) {
            byte[] bytes = BinaryWriter.toBytes("test", 1, id::writeTo);
            RunId read = BinaryReader.fromBytes(bytes, "test", 1, RunId::readFrom);

            assertEquals(id, read);
            assertEquals(id.toString(), read.toString());
        }
    }

    @Test
    void rejectsBytesThatAreNotAnId() {
        byte[] bytes = BinaryWriter.toBytes("test", 1, out -> {
            out.writeString("beef");
            out.writeBytes(new byte[3]);
        });

        assertEquals(
                "test of 35 bytes is damaged or not of this library: a run's id has 64 digits and 0 or 16 random bytes, but"
                        + " was of 4 and 3",
                assertThrows(
                                CorruptDataException.class,
                                () -> BinaryReader.fromBytes(bytes, "test", 1, RunId::readFrom))
                        .getMessage());
    }

    private static RunId run(ModelWeights initial, long seed) {
        return ServerState.initial(initial, seed).run();
    }

    private static ModelWeights weights(String name, float... values) {
        return ModelWeights.copyOf(
                Fixtures.layout(DataType.FLOAT, ParameterSpec.trainable(name, values.length)), values);
    }
}
