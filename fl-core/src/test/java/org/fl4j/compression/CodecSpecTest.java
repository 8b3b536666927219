package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.TreeMap;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class CodecSpecTest {

    @ParameterizedTest
    @FieldSource("org.fl4j.compression.CodecContractTest#CODECS")
    void crossesAWireAndNamesTheSameCodec(Codec codec) {
        byte[] bytes = BinaryWriter.toBytes("test", 1, codec.spec()::writeTo);
        CodecSpec read = BinaryReader.fromBytes(bytes, "test", 1, CodecSpec::readFrom);
        assertEquals(codec.spec(), read);
        assertEquals(codec, Codec.of(read));
    }

    @Test
    void isPrintedWithItsParameters() {
        assertEquals("none", CodecSpec.NONE.toString());
        assertEquals("qsgd(bucket=512.0, levels=7.0)", Codec.qsgd(7).spec().toString());
    }

    @Test
    void rejectsBlankNamesAndParametersThatAreNotFinite() {
        assertRejected("the name of the codec must not be blank", () -> new CodecSpec(" ", new TreeMap<>()));
        assertRejected("codec 'x': a must be finite, but was NaN", () -> spec("x", Map.of("a", Double.NaN)));
    }

    @Test
    void unknownNamesAndParametersAreRejected() {
        assertRejected(
                "codec must be none, fp16, sign, top-k, random-k, qsgd or eden, but was zip(level=9.0)",
                () -> Codec.of(spec("zip", Map.of("level", 9.0))));
        assertRejected(
                "codec 'eden' must have a parameter 'bits', but was eden(levels=2.0)",
                () -> Codec.of(spec("eden", Map.of("levels", 2.0))));
        assertRejected(
                "codec 'eden' must have the parameters [bits], but was eden(bits=2.0, rotations=1.0)",
                () -> Codec.of(spec("eden", Map.of("bits", 2.0, "rotations", 1.0))));
        assertRejected(
                "codec 'sign' must have the parameters [], but was sign(scale=1.0)",
                () -> Codec.of(spec("sign", Map.of("scale", 1.0))));
        assertRejected(
                "codec 'eden': bits must be an integer, but was 1.5",
                () -> Codec.of(spec("eden", Map.of("bits", 1.5))));
        assertRejected(
                "codec 'eden': bits must be an integer, but was 1.0E10",
                () -> Codec.of(spec("eden", Map.of("bits", 1e10))));
    }

    @Test
    void parametersOutOfRangeAreRejected() {
        assertRejected("bits must be from 1 to 4, but was 0", () -> Codec.eden(0));
        assertRejected("bits must be from 1 to 4, but was 5", () -> Codec.eden(5));
        assertRejected("levels must be from 1 to 32767, but was 0", () -> Codec.qsgd(0));
        assertRejected("levels must be from 1 to 32767, but was 32768", () -> Codec.qsgd(32_768));
        assertRejected("bucket must be at least 1, but was 0", () -> Codec.qsgd(1, 0));
        assertRejected("fraction must be in (0, 1], but was 0.0", () -> Codec.topK(0));
        assertRejected("fraction must be in (0, 1], but was 1.1", () -> Codec.randomK(1.1));
        assertRejected("fraction must be in (0, 1], but was NaN", () -> Codec.randomK(Double.NaN));
        assertRejected(
                "n must be such that a payload of none fits into an array, but was 600000000, which makes 2400000000 bytes",
                () -> Codec.none().payloadLength(600_000_000));
    }

    private static CodecSpec spec(String name, Map<String, Double> parameters) {
        return new CodecSpec(name, new TreeMap<>(parameters));
    }

    private static void assertRejected(String message, org.junit.jupiter.api.function.Executable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }
}
