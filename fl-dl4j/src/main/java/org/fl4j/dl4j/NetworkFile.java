package org.fl4j.dl4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.AtomicFile;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Networks and graphs in files of DL4J's {@link ModelSerializer}. */
final class NetworkFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private NetworkFile() {}

    static void write(Model network, Path file) {
        try {
            AtomicFile.replace(file, out -> ModelSerializer.writeModel(network, out, false));
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be written: " + e.getMessage(), e);
        }
    }

    static NetworkAccess read(Path file) {
        try {
            return isGraph(file)
                    ? GraphAccess.isolated(ModelSerializer.restoreComputationGraph(file.toFile(), false))
                            .requireOneInputAndOutput()
                    : MultiLayerAccess.isolated(ModelSerializer.restoreMultiLayerNetwork(file.toFile(), false));
        } catch (ZipException e) {
            throw new CorruptDataException(
                    "'" + file + "' is no whole file of DL4J's ModelSerializer: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' could not be read: " + e.getMessage(), e);
        }
    }

    /** Both kinds are one format; only a graph's configuration has vertices. */
    private static boolean isGraph(Path file) throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            if (archive.getEntry(ModelSerializer.CONFIGURATION_JSON) == null
                    || archive.getEntry(ModelSerializer.COEFFICIENTS_BIN) == null) {
                throw new CorruptDataException("'" + file + "' is no file of DL4J's ModelSerializer: it has no "
                        + ModelSerializer.CONFIGURATION_JSON + " or no " + ModelSerializer.COEFFICIENTS_BIN);
            }
            JsonNode configuration =
                    JSON.readTree(archive.getInputStream(archive.getEntry(ModelSerializer.CONFIGURATION_JSON)));
            return configuration.has("vertices");
        }
    }
}
