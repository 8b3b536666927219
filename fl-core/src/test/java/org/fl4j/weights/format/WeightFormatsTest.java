package org.fl4j.weights.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.fl4j.CorruptDataException;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Weights for other languages, and from them. */
class WeightFormatsTest {

    /** numpy.save of NumPy 1.24.2: numpy.asfortranarray([[1, 2, 3], [4, 5, 6]], dtype='<f4'). */
    private static final String FORTRAN_HEADER = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }";

    @TempDir
    private Path folder;

    /** Both formats keep the same laws. */
    enum Format {
        NUMPY("model.npz"),
        SAFETENSORS("model.safetensors");

        private final String name;

        Format(String name) {
            this.name = name;
        }

        void save(Path file, ModelWeights weights) {
            if (this == NUMPY) {
                NumpyFile.save(file, weights);
            } else {
                SafetensorsFile.save(file, weights);
            }
        }

        ModelWeights load(Path file, ParameterLayout layout) {
            return this == NUMPY ? NumpyFile.load(file, layout) : SafetensorsFile.load(file, layout);
        }
    }

    private static ParameterLayout layout(DataType dtype) {
        return new ParameterLayout(
                dtype,
                List.of(
                        new ParameterSpec(
                                "0_W", List.of(2L, 3L), ElementOrder.COLUMN_MAJOR, ParameterSpec.Role.TRAINABLE),
                        ParameterSpec.trainable("0_b", 3),
                        new ParameterSpec(
                                "conv",
                                List.of(2L, 1L, 3L, 2L),
                                ElementOrder.COLUMN_MAJOR,
                                ParameterSpec.Role.TRAINABLE),
                        ParameterSpec.trainable("other", 4, 2),
                        ParameterSpec.trainable("scale"),
                        ParameterSpec.statistic("mean \u00e9", 2)));
    }

    private static ModelWeights weights(DataType dtype) {
        ParameterLayout layout = layout(dtype);
        Random random = new Random(4);
        if (dtype == DataType.DOUBLE) {
            return ModelWeights.copyOf(layout, random.doubles(layout.length()).toArray());
        }
        float[] values = new float[layout.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return ModelWeights.copyOf(layout, values);
    }

    @ParameterizedTest
    @EnumSource
    void comesBackToTheLastBit(Format format) {
        for (DataType dtype : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            Path file = folder.resolve(dtype + format.name);
            format.save(file, weights(dtype));
            assertEquals(weights(dtype), format.load(file, layout(dtype)));
        }
    }

    /** Where a file has rows and the model has columns: the element at row 1 and column 2 is the same one. */
    @ParameterizedTest
    @EnumSource
    void isReadInAnyElementOrder(Format format) {
        ParameterLayout columns = layout(DataType.FLOAT);
        ParameterLayout rows = new ParameterLayout(
                DataType.FLOAT,
                columns.specs().stream()
                        .map(spec -> new ParameterSpec(spec.name(), spec.shape(), ElementOrder.ROW_MAJOR, spec.role()))
                        .toList());
        Path file = folder.resolve(format.name);
        ModelWeights original = weights(DataType.FLOAT);
        format.save(file, original);
        ModelWeights moved = format.load(file, rows);
        for (ParameterSpec spec : columns.specs()) {
            assertEquals(original.tensor(spec.name()), moved.tensor(spec.name()), spec.name());
        }
        assertEquals(original.get(1), moved.get(3), "the second value of a column is the first of the second row");
    }

    @Test
    void anArrayHasNumPysBytes() throws IOException {
        ModelWeights weights = ModelWeights.copyOf(
                new ParameterLayout(
                        DataType.FLOAT,
                        List.of(new ParameterSpec(
                                "W", List.of(2L, 3L), ElementOrder.COLUMN_MAJOR, ParameterSpec.Role.TRAINABLE))),
                new float[] {1, 4, 2, 5, 3, 6});
        Path file = folder.resolve("w.npz");
        NumpyFile.save(file, weights);
        byte[] archive = Files.readAllBytes(file);
        String padded = FORTRAN_HEADER + " ".repeat(118 - FORTRAN_HEADER.length() - 1) + "\n";
        ByteBuffer array = ByteBuffer.allocate(128 + 24).order(ByteOrder.LITTLE_ENDIAN);
        array.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        array.put(padded.getBytes(StandardCharsets.US_ASCII));
        for (float value : new float[] {1, 4, 2, 5, 3, 6}) {
            array.putFloat(value);
        }
        int at = indexOf(archive, new byte[] {(byte) 0x93, 'N', 'U'});
        assertArrayEquals(array.array(), Arrays.copyOfRange(archive, at, at + array.capacity()));
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; ; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
    }

    /** Header and buffer by the format's description: rows one after another. */
    @Test
    void aSafetensorsFileIsHeaderAndRows() throws IOException {
        ModelWeights weights = ModelWeights.copyOf(
                new ParameterLayout(
                        DataType.DOUBLE,
                        List.of(
                                new ParameterSpec(
                                        "W", List.of(2L, 2L), ElementOrder.COLUMN_MAJOR, ParameterSpec.Role.TRAINABLE),
                                ParameterSpec.trainable("b", 1))),
                new double[] {1, 3, 2, 4, 5});
        Path file = folder.resolve("w.safetensors");
        SafetensorsFile.save(file, weights);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) bytes.getLong()];
        bytes.get(header);
        assertEquals(0, header.length % 8);
        assertEquals(
                "{\"W\":{\"dtype\":\"F64\",\"shape\":[2,2],\"data_offsets\":[0,32]},"
                        + "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[32,40]}}",
                new String(header, StandardCharsets.UTF_8).strip());
        for (double expected : new double[] {1, 2, 3, 4, 5}) {
            assertEquals(expected, bytes.getDouble());
        }
        assertEquals(0, bytes.remaining());
    }

    /** Both ways, where there is a Python with NumPy. */
    @Test
    void numPyReadsAndWritesIt() throws IOException, InterruptedException {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(Files.isExecutable(python) && run(python, "import numpy") == 0, "no NumPy here");
        Path ours = folder.resolve("ours.npz");
        NumpyFile.save(ours, weights(DataType.FLOAT));
        Path theirs = folder.resolve("theirs.npz");
        assertEquals(
                0,
                run(
                        python,
                        "import numpy; a = dict(numpy.load(r'" + ours + "')); assert a['0_W'].shape == (2, 3);"
                                + " assert a['scale'].shape == (); assert a['conv'].dtype == 'float32';"
                                + " numpy.savez_compressed(r'" + theirs
                                + "', **{k: numpy.ascontiguousarray(v) if v.shape else v for k, v in a.items()})"));
        assertEquals(weights(DataType.FLOAT), NumpyFile.load(theirs, layout(DataType.FLOAT)));
    }

    private static int run(Path python, String program) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(python.toString(), "-c", program)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    @ParameterizedTest
    @EnumSource
    void whatDoesNotFitIsRejected(Format format) throws IOException {
        Path file = folder.resolve(format.name);
        format.save(file, weights(DataType.FLOAT));
        assertRejected(
                format, file, layout(DataType.DOUBLE), "parameter '0_W' must be DOUBLE of shape [2, 3], but is FLOAT");
        assertRejected(
                format,
                file,
                new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("0_W", 3, 2))),
                "of shape [3, 2], but is FLOAT of shape [2, 3]");
        assertRejected(
                format,
                file,
                new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("1_W", 3, 2))),
                "has no parameter '1_W'");
        assertRejected(
                format, Files.writeString(folder.resolve("text"), "not weights"), layout(DataType.FLOAT), "text");
        byte[] whole = Files.readAllBytes(file);
        // An archive ends with a directory that says again what was there.
        int end = format == Format.NUMPY ? indexOf(whole, new byte[] {'P', 'K', 1, 2}) : whole.length;
        for (int cut = 0; cut < end; cut += 7) {
            Path part = Files.write(folder.resolve("part"), Arrays.copyOf(whole, cut));
            assertThrows(CorruptDataException.class, () -> format.load(part, layout(DataType.FLOAT)), "cut at " + cut);
        }
    }

    private static void assertRejected(Format format, Path file, ParameterLayout layout, String why) {
        String message = assertThrows(CorruptDataException.class, () -> format.load(file, layout))
                .getMessage();
        assertTrue(message.contains(why), message);
    }

    /** Damage is noticed or changes values, and is never another exception. */
    @ParameterizedTest
    @EnumSource
    void damageIsNoCrash(Format format) throws IOException {
        Path file = folder.resolve(format.name);
        format.save(file, weights(DataType.FLOAT));
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(9);
        for (int i = 0; i < 2_000; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Path part = Files.write(folder.resolve("damaged"), damaged);
            try {
                assertEquals(
                        layout(DataType.FLOAT),
                        format.load(part, layout(DataType.FLOAT)).layout());
            } catch (CorruptDataException expected) {
                assertTrue(expected.getMessage().contains("damaged"), expected.getMessage());
            }
        }
    }
}
