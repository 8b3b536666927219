package org.fl4j.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.fl4j.binary.CorruptDataException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code round-0000000012.fl4j} and its predecessor: if the newest is damaged, the run resumes from the one before. */
final class FileCheckpointStore implements CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern NAME = Pattern.compile("round-\\d{10}\\.fl4j");
    private static final int KEPT = 2;

    private final Path folder;

    FileCheckpointStore(Path folder) {
        this.folder = folder;
    }

    @Override
    public void save(ServerState state) {
        String name = String.format(Locale.ROOT, "round-%010d.fl4j", state.round());
        for (Path file : newestFirst().stream().limit(1).toList()) {
            if (String.valueOf(file.getFileName()).compareTo(name) > 0) {
                throw new IllegalStateException("'" + file + "' is of a later round than " + state.round()
                        + ", the one to be saved: latest() would return it; resume from it, or give the run a folder of"
                        + " its own");
            }
        }
        state.save(folder.resolve(name));
        try {
            for (Path old : newestFirst().stream().skip(KEPT).toList()) {
                Files.deleteIfExists(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<ServerState> latest() {
        for (Path file : newestFirst()) {
            try {
                return Optional.of(ServerState.load(file));
            } catch (CorruptDataException e) {
                LOG.warn("checkpoint skipped: {}", e.getMessage());
            }
        }
        return Optional.empty();
    }

    private List<Path> newestFirst() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file ->
                            NAME.matcher(String.valueOf(file.getFileName())).matches())
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
