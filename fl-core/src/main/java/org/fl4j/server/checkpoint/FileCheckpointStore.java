package org.fl4j.server.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.DirectoryLock;
import org.fl4j.internal.Folders;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.RunId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code round-0000000012.fl4j} and its predecessor: if the newest is damaged, the run resumes from the one before. */
final class FileCheckpointStore implements CheckpointStore {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern NAME = Pattern.compile("round-\\d{10}\\.fl4j");

    /** What touches the disk. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private final Path folder;
    private final Retention retention;
    private @Nullable Claim claimed;

    private record Claim(RunId run, DirectoryLock lock) {}

    FileCheckpointStore(Path folder, Retention retention) {
        this.folder = folder;
        this.retention = retention;
    }

    @Override
    public synchronized ClientStateStore.Claim claim(ServerState from) {
        onDisk(() -> {
            Folders.create(folder);
            DirectoryLock lock = DirectoryLock.acquire(folder, "a run");
            boolean done = false;
            try {
                ClaimedStores.checkContinues(this, from);
                setAsideAfter(from.round());
                Folders.deleteLeftOvers(folder, NAME);
                claimed = new Claim(from.run(), lock);
                done = true;
            } finally {
                if (!done) {
                    lock.close();
                }
            }
        });
        return ClientStateStore.Claim.releasedBy(this::release);
    }

    private synchronized void release() {
        Claim ended = claimed;
        claimed = null;
        if (ended != null) {
            onDisk(ended.lock()::close);
        }
    }

    /** What is newer than the newest state is not readable, and must not be in the way of the states to come. */
    private void setAsideAfter(int round) throws IOException {
        for (Path file : newestFirst()) {
            if (round(file) > round) {
                setAside(file);
            }
        }
    }

    private static void setAside(Path file) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".unreadable." + UUID.randomUUID());
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        LOG.warn("'{}' cannot be read and is set aside as '{}'", file, aside.getFileName());
    }

    @Override
    public synchronized void save(ServerState state) {
        onDisk(() -> {
            Claim claim = claimed;
            if (claim != null) {
                checkedSave(state, Optional.of(claim.run()));
            } else {
                Folders.create(folder);
                locked(() -> checkedSave(state, latest().map(ServerState::run)));
            }
        });
    }

    private void checkedSave(ServerState state, Optional<RunId> kept) throws IOException {
        if (kept.isPresent() && !ClaimedStores.isSameRun(kept.get(), state.run())) {
            throw new IllegalStateException(this + " belongs to run " + kept.get()
                    + ", and the state to be saved is of run " + state.run() + "; give each run a folder of its own");
        }
        Path target = folder.resolve(String.format(Locale.ROOT, "round-%010d.fl4j", state.round()));
        for (Path newest : newestFirst().stream().limit(1).toList()) {
            if (round(newest) > state.round()) {
                throw new IllegalStateException("'" + newest + "' is of a later round than " + state.round()
                        + ", the one to be saved: latest() would return it; resume from it, or give the run a folder of"
                        + " its own");
            }
        }
        state.save(target);
        deleteOld();
    }

    /** The state is saved whether or not this succeeds. */
    private void deleteOld() throws IOException {
        List<Path> old = newestFirst().stream()
                .skip(retention.newest())
                .filter(file -> !retention.keeps(round(file)))
                .toList();
        for (Path file : old) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("an old checkpoint could not be deleted: {}", e.toString());
            }
        }
    }

    @Override
    public Optional<ServerState> latest() {
        List<String> unreadable = new ArrayList<>();
        // Those that are kept beyond the newest ones are far back: to go on from there is nothing to decide in silence.
        int left = retention.every() > 0 ? retention.newest() : Integer.MAX_VALUE;
        for (Path file : newestFirst()) {
            // What is no file never was one of the newest.
            if (Files.isRegularFile(file) && left-- == 0) {
                break;
            }
            try {
                return Optional.of(load(file));
            } catch (CorruptDataException e) {
                LOG.warn("checkpoint skipped: {}", e.getMessage());
                unreadable.add(e.getMessage());
            } catch (UncheckedIOException e) {
                throw RunInterruptedException.unlessFailed(e);
            }
        }
        if (!unreadable.isEmpty()) {
            throw new CorruptDataException("no checkpoint in '" + folder + "' can be read; restore one, or give the run"
                    + " another folder: " + String.join("; ", unreadable));
        }
        return Optional.empty();
    }

    private static ServerState load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CorruptDataException("'" + file + "' is a folder or a link to no file");
        }
        ServerState state = ServerState.load(file);
        if (state.round() != round(file)) {
            throw new CorruptDataException("'" + file + "' is of round " + state.round() + "; was it renamed?");
        }
        return state;
    }

    @Override
    public synchronized void eraseHistory() {
        onDisk(() -> {
            if (claimed != null) {
                throw new IllegalStateException(this + " cannot be erased while a run uses it; end that one first");
            }
            if (!Files.isDirectory(folder)) {
                return;
            }
            locked(() -> {
                // The newest last: a crash half way leaves the run where it was.
                List<Path> files = new ArrayList<>(newestFirst());
                files.sort(Comparator.naturalOrder());
                for (Path file : files) {
                    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                        setAside(file);
                    } else {
                        Files.delete(file);
                    }
                }
                Folders.deleteLeftOvers(folder, NAME);
                Folders.force(folder);
            });
        });
    }

    @SuppressWarnings("try") // a lock is held, not used
    private void locked(Work work) throws IOException {
        try (DirectoryLock lock = DirectoryLock.acquire(folder, "a run")) {
            work.run();
        }
    }

    private List<Path> newestFirst() {
        try {
            return Folders.list(folder, NAME).stream()
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoints in '" + folder + "' could not be listed: " + e, e);
        }
    }

    /** As in the file's name, which may be larger than any round. */
    private static long round(Path file) {
        return Long.parseLong(String.valueOf(file.getFileName()).substring(6, 16));
    }

    private void onDisk(Work work) {
        try {
            work.run();
        } catch (IOException e) {
            throw RunInterruptedException.unlessFailed(
                    new UncheckedIOException("checkpoints in '" + folder + "' could not be kept: " + e, e));
        } catch (UncheckedIOException e) {
            throw RunInterruptedException.unlessFailed(e);
        }
    }

    @Override
    public String toString() {
        return "the checkpoint store in '" + folder + "'";
    }
}
