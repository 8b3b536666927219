package org.fl4j.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import org.junit.jupiter.api.Test;

class ComponentStateTest {

    private static final ComponentState FULL = ComponentState.of("fedadam", 2)
            .with("step", 7L)
            .with("beta", 0.9)
            .with("note", "warm, é")
            .with("moment", new double[] {1, -0.0, Double.NaN})
            .with("key", new byte[] {1, -1})
            .with("last", new float[] {0.1f, -0.0f});

    @Test
    void holdsValuesOfEveryType() {
        assertEquals("fedadam", FULL.kind());
        assertEquals(2, FULL.version());
        assertFalse(FULL.isEmpty());
        assertEquals(7, FULL.longValue("step"));
        assertEquals(0.9, FULL.doubleValue("beta"));
        assertEquals("warm, é", FULL.text("note"));
        assertArrayEquals(new double[] {1, -0.0, Double.NaN}, FULL.doubles("moment"));
        assertArrayEquals(new byte[] {1, -1}, FULL.bytes("key"));
        assertArrayEquals(new float[] {0.1f, -0.0f}, FULL.floats("last"));
    }

    @Test
    void takesOverAVectorThatThenNoOneCanWrite() {
        ComponentState.Doubles vector = new ComponentState.Doubles(5);
        vector.put(1, new double[] {1, 2, 3, 9}, 3);
        ComponentState state = ComponentState.of("fedadam", 2).with("moment", vector);

        assertEquals(ComponentState.of("fedadam", 2).with("moment", new double[] {0, 1, 2, 3, 0}), state);
        assertThrows(IllegalStateException.class, () -> vector.put(0, new double[] {7}, 1));
        assertArrayEquals(new double[] {0, 1, 2, 3, 0}, state.doubles("moment"));
    }

    @Test
    void copiesAStretchOfAVector() {
        double[] into = {7, 7, 7};
        FULL.copyDoubles("moment", 1, into, 2);

        assertArrayEquals(new double[] {-0.0, Double.NaN, 7}, into);
        assertEquals(3, FULL.countDoubles("moment"));
        assertThrows(IndexOutOfBoundsException.class, () -> FULL.copyDoubles("moment", 2, into, 2));
        assertThrows(IllegalStateException.class, () -> FULL.copyDoubles("last", 0, into, 1));
    }

    @Test
    void rejectsTheStateOfAnotherComponent() {
        assertSame(FULL, FULL.expect("fedadam", 2));
        assertSame(ComponentState.EMPTY, ComponentState.EMPTY.expect("fedyogi", 1));
        assertEquals(
                "'fedyogi' version 2 cannot continue from the state of 'fedadam' version 2; was the run resumed with other"
                        + " settings?",
                assertThrows(IllegalStateException.class, () -> FULL.expect("fedyogi", 2))
                        .getMessage());
        assertThrows(IllegalStateException.class, () -> FULL.expect("fedadam", 1));
    }

    @Test
    void survivesSerialization() {
        for (ComponentState state : List.of(FULL, ComponentState.EMPTY, ComponentState.of("fresh", 3))) {
            ComponentState back = BinaryReader.fromBytes(bytes(state), "test", 1, ComponentState::readFrom);

            assertEquals(state, back);
            assertEquals(state.hashCode(), back.hashCode());
            assertArrayEquals(bytes(state), bytes(back));
        }
    }

    @Test
    void theOrderOfPuttingDoesNotMatter() {
        ComponentState one = ComponentState.of("k", 1).with("a", 1L).with("b", 2.0);
        ComponentState other = ComponentState.of("k", 1).with("b", 2.0).with("a", 1L);

        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        assertArrayEquals(bytes(one), bytes(other));
    }

    @Test
    void differsWhereKindVersionNameTypeOrBitsDiffer() {
        ComponentState state = ComponentState.of("k", 1).with("a", 0.0);

        assertNotEquals(state, ComponentState.of("other", 1).with("a", 0.0));
        assertNotEquals(state, ComponentState.of("k", 2).with("a", 0.0));
        assertNotEquals(state, ComponentState.of("k", 1).with("b", 0.0));
        assertNotEquals(state, ComponentState.of("k", 1).with("a", 0L));
        assertNotEquals(state, ComponentState.of("k", 1).with("a", -0.0));
        assertNotEquals(state, state.with("b", 0.0));
        assertNotEquals(
                ComponentState.of("k", 1).with("a", new double[] {0.0}),
                ComponentState.of("k", 1).with("a", new double[] {-0.0}));
        assertNotEquals(state, new Object());
    }

    @Test
    void arraysAreCopiedOnPutAndGet() {
        double[] numbers = {1, 2};
        byte[] data = {1, 2};
        ComponentState state =
                ComponentState.of("k", 1).with("numbers", numbers).with("data", data);
        numbers[0] = 9;
        data[0] = 9;
        state.doubles("numbers")[1] = 9;
        state.bytes("data")[1] = 9;

        assertArrayEquals(new double[] {1, 2}, state.doubles("numbers"));
        assertArrayEquals(new byte[] {1, 2}, state.bytes("data"));
    }

    @Test
    void puttingDoesNotChangeTheOldState() {
        ComponentState before = ComponentState.of("k", 1).with("a", 1L);
        ComponentState after = before.with("a", 2L).with("b", 3L);

        assertEquals(1, before.longValue("a"));
        assertEquals(2, after.longValue("a"));
        assertEquals(3, after.longValue("b"));
        assertEquals(ComponentState.of("k", 1).with("a", 1L), before);
        assertFalse(ComponentState.EMPTY.with("a", 1L).isEmpty());
        assertTrue(ComponentState.EMPTY.isEmpty());
    }

    @Test
    void aMissingValueThrowsAndNamesTheValuesHeld() {
        String held = "it holds [beta, key, last, moment, note, step]";
        assertEquals(
                "state of 'fedadam' version 2 has no Double named 'gamma'; " + held,
                assertThrows(IllegalStateException.class, () -> FULL.doubleValue("gamma"))
                        .getMessage());
        assertEquals(
                "state of 'fedadam' version 2 has no Long named 'beta'; " + held,
                assertThrows(IllegalStateException.class, () -> FULL.longValue("beta"))
                        .getMessage());
        assertEquals(
                "state of 'fedadam' version 2 has no String named 'step'; " + held,
                assertThrows(IllegalStateException.class, () -> FULL.text("step"))
                        .getMessage());
        assertEquals(
                "state of 'fedadam' version 2 has no double[] named 'key'; " + held,
                assertThrows(IllegalStateException.class, () -> FULL.doubles("key"))
                        .getMessage());
        assertEquals(
                "state of 'fedadam' version 2 has no byte[] named 'moment'; " + held,
                assertThrows(IllegalStateException.class, () -> FULL.bytes("moment"))
                        .getMessage());
    }

    @Test
    void namesItsValuesButDoesNotShowThem() {
        assertEquals("ComponentState[fedadam v2, [beta, key, last, moment, note, step]]", FULL.toString());
        assertEquals("ComponentState[ v1, []]", ComponentState.EMPTY.toString());
    }

    @Test
    void versionsAreCountedFromOne() {
        assertEquals(
                "version must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> ComponentState.of("k", 0))
                        .getMessage());
    }

    @Test
    void anUnknownTypeOfValueIsCorruptData() {
        byte[] data = BinaryWriter.toBytes("test", 1, out -> {
            out.writeString("k");
            out.writeInt(1);
            out.writeInt(1);
            out.writeString("a");
            out.writeInt(99);
        });

        assertEquals(
                "test of " + data.length + " bytes is damaged or not of this library: "
                        + "a state value has the unknown type 99",
                assertThrows(
                                CorruptDataException.class,
                                () -> BinaryReader.fromBytes(data, "test", 1, ComponentState::readFrom))
                        .getMessage());
    }

    private static byte[] bytes(ComponentState state) {
        return BinaryWriter.toBytes("test", 1, state::writeTo);
    }
}
