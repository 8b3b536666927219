package org.fl4j.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.GoldenFiles.Form;

/** The forms of what a client keeps elsewhere, which only this package sees. */
public final class RemoteMemoryForms {

    private static final HexFormat HEX = HexFormat.of();
    private static final ClientId CLINIC = new ClientId("clinic \u00e9");

    private RemoteMemoryForms() {}

    /**
     * Of a client that holds weights and FROZEN parameters, written to a folder.
     *
     * @param task has FROZEN parameters in its delivery
     * @param folder empty
     */
    public static List<Form<?>> of(TrainingTask task, Path folder) {
        Delivery delivery = new Delivery(
                Delivery.Held.WEIGHTS,
                OptionalLong.of(0),
                Optional.of(task.delivery().frozen().orElseThrow()),
                Optional.empty());
        try (RemoteMemory memory = RemoteMemory.inDirectory(folder)) {
            memory.begin(CLINIC, task.with(delivery));
            memory.keep(
                    CLINIC,
                    task.with(delivery),
                    ComponentState.of("remembered", 1).with("r", 3L));
        }
        return List.of(
                form("remote-memory", "RemoteMemory.KIND", folder, task),
                form("frozen-parameters", "RemoteMemory.FROZEN_KIND", folder, task));
    }

    /** Its example is the file; read, it is what a memory says that finds it in its folder. */
    private static Form<String> form(String kind, String writer, Path folder, TrainingTask task) {
        Path file = find(folder, kind);
        return new Form<>(kind, writer, HEX.formatHex(bytes(file)), HEX::parseHex, bytes -> {
            try (RemoteMemory memory = RemoteMemory.inDirectory(folder)) {
                Files.write(file, bytes);
                memory.read(CLINIC, 1, OptionalLong.of(task.token()));
                if (memory.frozen(task.delivery().frozen().orElseThrow().fingerprint())
                        .isEmpty()) {
                    throw new AssertionError("not found");
                }
                return HEX.formatHex(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Path find(Path folder, String kind) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file ->
                            new String(bytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).contains(kind))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
