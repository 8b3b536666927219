package org.fl4j.weights.format;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.AtomicFile;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Weights as NumPy's archives: {@code numpy.load("model.npz")["0_W"]} is the parameter {@code 0_W} with its shape and dtype, FP32 or FP64.
 *
 * <p>A parameter's element order is kept ({@code fortran_order}), so nothing is transposed. Archives are not compressed, as {@code numpy.savez} makes
 * them; compressed ones are read as well. Roles are not in the file.
 *
 * <p>Source: NumPy, NEP 1, format version 1.0; versions 2.0 and 3.0 are read. Stateless.
 */
public final class NumpyFile {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final String SUFFIX = ".npy";
    private static final int ALIGNMENT = 64;
    private static final int PREFIX = MAGIC.length + 4;
    private static final int LONGEST_HEADER = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

    private NumpyFile() {}

    /**
     * Writes an archive with an array for each parameter, by its name.
     *
     * @param file such as {@code model.npz}; replaced as a whole if it exists
     * @throws UncheckedIOException if the file system reports an error
     */
    public static void save(Path file, ModelWeights weights) {
        try {
            AtomicFile.replace(file, out -> write(out, weights));
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be written: " + e.getMessage(), e);
        }
    }

    /**
     * Reads an archive.
     *
     * @param layout the model's; arrays of other names are left out
     * @return the weights
     * @throws CorruptDataException if it is no such archive, or an array is missing or of another shape or dtype
     * @throws UncheckedIOException if the file system reports an error
     */
    public static ModelWeights load(Path file, ParameterLayout layout) {
        Map<String, RawTensor> arrays = new LinkedHashMap<>();
        try (ZipInputStream archive = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                String name = entry.getName();
                if (name.endsWith(SUFFIX)) {
                    String parameter = name.substring(0, name.length() - SUFFIX.length());
                    if (layout.specs().stream().anyMatch(spec -> spec.name().equals(parameter))) {
                        arrays.put(parameter, read(archive, file + ", " + name));
                    }
                }
            }
        } catch (ZipException | IllegalArgumentException e) {
            // The latter of names that are no UTF-8.
            throw new CorruptDataException("'" + file + "' is no whole NumPy archive: " + e.getMessage());
        } catch (EOFException e) {
            throw new CorruptDataException("'" + file + "' is cut short");
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be read: " + e.getMessage(), e);
        }
        return RawTensor.weights(arrays, layout, file.toString());
    }

    private static void write(OutputStream out, ModelWeights weights) throws IOException {
        ZipOutputStream archive = new ZipOutputStream(out);
        archive.setMethod(ZipOutputStream.STORED);
        for (ParameterSpec spec : weights.layout().specs()) {
            byte[] array = array(RawTensor.of(weights, spec));
            ZipEntry entry = new ZipEntry(spec.name() + SUFFIX);
            entry.setTime(0);
            entry.setSize(array.length);
            CRC32 crc = new CRC32();
            crc.update(array);
            entry.setCrc(crc.getValue());
            archive.putNextEntry(entry);
            archive.write(array);
        }
        archive.finish();
    }

    private static byte[] array(RawTensor tensor) {
        String shape = tensor.shape().stream().map(side -> side + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '" + (tensor.dtype() == DataType.DOUBLE ? "<f8" : "<f4") + "', 'fortran_order': "
                + (tensor.order() == ElementOrder.COLUMN_MAJOR ? "True" : "False") + ", 'shape': ("
                + (tensor.shape().size() == 1 ? shape : shape.replaceAll(",$", "")) + "), }";
        int padding = ALIGNMENT - (PREFIX + header.length() + 1) % ALIGNMENT;
        String padded = header + " ".repeat(padding) + "\n";
        ByteBuffer bytes = ByteBuffer.allocate(
                        PREFIX + padded.length() + tensor.values().remaining())
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) padded.length());
        bytes.put(padded.getBytes(StandardCharsets.US_ASCII)).put(tensor.values());
        return bytes.array();
    }

    private static RawTensor read(InputStream in, String what) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        in.transferTo(whole);
        return parse(whole.toByteArray(), what);
    }

    /** An array of its own, also for arrays that were saved one by one. */
    static RawTensor parse(byte[] array, String what) throws IOException {
        InputStream in = new ByteArrayInputStream(array);
        byte[] prefix = in.readNBytes(MAGIC.length + 2);
        if (prefix.length < MAGIC.length + 2 || !startsWithMagic(prefix)) {
            throw new CorruptDataException("'" + what + "' is no NumPy array");
        }
        int lengthBytes = prefix[MAGIC.length] == 1 ? 2 : 4;
        byte[] length = in.readNBytes(lengthBytes);
        ByteBuffer counted = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN);
        int n = length.length < lengthBytes ? -1 : lengthBytes == 2 ? counted.getShort() & 0xFFFF : counted.getInt();
        if (n < 0 || n > LONGEST_HEADER || n > array.length) {
            throw new CorruptDataException("'" + what + "' has a header of " + n + " bytes");
        }
        String header = new String(in.readNBytes(n), StandardCharsets.UTF_8);
        int at = MAGIC.length + 2 + lengthBytes + n;
        return new RawTensor(
                dtype(found(DESCR, header, what), what),
                shape(found(SHAPE, header, what)),
                found(ORDER, header, what).equals("True") ? ElementOrder.COLUMN_MAJOR : ElementOrder.ROW_MAJOR,
                ByteBuffer.wrap(array, at, array.length - at).slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    private static boolean startsWithMagic(byte[] prefix) {
        return Arrays.equals(prefix, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    private static String found(Pattern pattern, String header, String what) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw new CorruptDataException("'" + what + "' has a header without " + pattern);
        }
        return matcher.group(1);
    }

    private static DataType dtype(String descr, String what) {
        return switch (descr) {
            case "<f4" -> DataType.FLOAT;
            case "<f8" -> DataType.DOUBLE;
            default -> throw new CorruptDataException("'" + what + "' must be of <f4 or <f8, but is of " + descr);
        };
    }

    private static List<Long> shape(String sides) {
        List<Long> shape = new ArrayList<>();
        for (String side : sides.split(",", -1)) {
            if (!side.isBlank()) {
                shape.add(Long.parseLong(side.strip()));
            }
        }
        return shape;
    }
}
