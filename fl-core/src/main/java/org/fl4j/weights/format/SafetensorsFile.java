package org.fl4j.weights.format;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.AtomicFile;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Weights as safetensors: {@code safetensors.numpy.load_file("model.safetensors")["0_W"]} is the parameter {@code 0_W} with its shape and dtype, F32
 * or F64.
 *
 * <p>The format has row-major tensors only, so parameters in column-major order, such as DL4J's dense weights, are written transposed and read back.
 * Roles are not in the file.
 *
 * <p>Source: the safetensors format, a header of JSON and one buffer of little-endian values. Stateless.
 */
public final class SafetensorsFile {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALIGNMENT = 8;
    /** The reference implementation's limit. */
    private static final long LONGEST_HEADER = 100_000_000;

    private SafetensorsFile() {}

    /**
     * Writes a file with a tensor for each parameter, by its name.
     *
     * @param file such as {@code model.safetensors}; replaced as a whole if it exists
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
     * Reads a file.
     *
     * @param layout the model's; tensors of other names are left out
     * @return the weights
     * @throws CorruptDataException if it is no such file, or a tensor is missing or of another shape or dtype
     * @throws UncheckedIOException if the file system reports an error
     */
    public static ModelWeights load(Path file, ParameterLayout layout) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be read: " + e.getMessage(), e);
        }
        Map<String, RawTensor> tensors = parse(bytes, file.toString());
        return RawTensor.weights(tensors, layout, file.toString());
    }

    private static void write(OutputStream out, ModelWeights weights) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long at = 0;
        for (ParameterSpec spec : weights.layout().specs()) {
            ObjectNode entry = header.putObject(spec.name());
            entry.put("dtype", weights.layout().dtype() == DataType.DOUBLE ? "F64" : "F32");
            spec.shape().forEach(entry.putArray("shape")::add);
            long end = at + spec.length() * weights.layout().bytesPerValue();
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] text = JSON.writeValueAsBytes(header);
        int padding = (ALIGNMENT - text.length % ALIGNMENT) % ALIGNMENT;
        out.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length + padding)
                .array());
        out.write(text);
        out.write(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        for (ParameterSpec spec : weights.layout().specs()) {
            out.write(RawTensor.of(weights, spec)
                    .inOrder(ElementOrder.ROW_MAJOR)
                    .values()
                    .array());
        }
    }

    private static Map<String, RawTensor> parse(byte[] bytes, String file) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = bytes.length < Long.BYTES ? -1 : all.getLong();
        if (length < 0 || length > LONGEST_HEADER || length > all.remaining()) {
            throw new CorruptDataException("'" + file + "' is no safetensors file: its header would have " + length
                    + " of " + bytes.length + " bytes");
        }
        JsonNode header;
        try {
            header = JSON.readTree(bytes, Long.BYTES, (int) length);
        } catch (JsonProcessingException e) {
            throw new CorruptDataException("'" + file + "' has a header that is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer data = ByteBuffer.wrap(bytes, Long.BYTES + (int) length, bytes.length - Long.BYTES - (int) length)
                .slice();
        Map<String, RawTensor> tensors = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = header.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (!field.getKey().equals("__metadata__")) {
                dtype(field.getValue().path("dtype").asText())
                        .ifPresent(dtype -> tensors.put(field.getKey(), tensor(dtype, field, data, file)));
            }
        }
        return tensors;
    }

    private static RawTensor tensor(DataType dtype, Map.Entry<String, JsonNode> field, ByteBuffer data, String file) {
        List<Long> shape = new ArrayList<>();
        field.getValue().path("shape").forEach(side -> shape.add(side.asLong()));
        long from = field.getValue().path("data_offsets").path(0).asLong(-1);
        long to = field.getValue().path("data_offsets").path(1).asLong(-1);
        if (from < 0 || to < from || to > data.limit()) {
            throw new CorruptDataException("'" + file + "': tensor '" + field.getKey() + "' must lie within "
                    + data.limit() + " bytes, but is from " + from + " to " + to);
        }
        return new RawTensor(
                dtype,
                shape,
                ElementOrder.ROW_MAJOR,
                data.slice((int) from, (int) (to - from)).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Of others a file may have tensors that no model here has. */
    private static Optional<DataType> dtype(String name) {
        return switch (name) {
            case "F32" -> Optional.of(DataType.FLOAT);
            case "F64" -> Optional.of(DataType.DOUBLE);
            default -> Optional.empty();
        };
    }
}
