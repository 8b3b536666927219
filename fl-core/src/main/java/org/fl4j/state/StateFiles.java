package org.fl4j.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Folders;
import org.fl4j.internal.Texts;

/**
 * The files of a store on disk. A client goes by its key, the SHA-256 of its id in hexadecimal, so that any id makes a
 * name on any file system.
 *
 * <pre>
 * states/history.fl4j                     whose states these are, the earliest round that can be begun, the last one committed
 * states/ab/cdef.../round-0000000012.fl4j what the client left in round 12
 * staged/                                 proposals of the open round
 * discarded/                              what was states/ before its history was erased, being deleted
 * </pre>
 */
final class StateFiles {

    private static final String KIND = "client-state";
    private static final String HISTORY = "client-state-history";
    private static final int VERSION = 1;
    private static final Pattern FAN_OUT = Pattern.compile("[0-9a-f]{2}");
    private static final Pattern CLIENT = Pattern.compile("[0-9a-f]{62}");
    private static final Pattern FILE = Pattern.compile("round-(\\d{10})\\.fl4j");
    private static final Pattern HISTORY_FILE = Pattern.compile("history\\.fl4j");

    private final Path directory;
    private final Path states;
    private final Path staged;
    private final Path discarded;
    private final Path history;
    private final AtomicLong proposals = new AtomicLong();

    StateFiles(Path directory) {
        this.directory = directory;
        this.states = directory.resolve("states");
        this.staged = directory.resolve("staged");
        this.discarded = directory.resolve("discarded");
        this.history = states.resolve("history.fl4j");
    }

    /** Deletes what a crash left half done, and makes the folders. */
    void tidy() throws IOException {
        Folders.deleteTree(discarded);
        Folders.deleteTree(staged);
        Files.createDirectories(states);
        Files.createDirectories(staged);
        Folders.deleteLeftOvers(states, HISTORY_FILE);
        Folders.force(directory);
    }

    Optional<StateRounds.History> history() throws IOException {
        if (Files.exists(history, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(BinaryReader.fromFile(history, HISTORY, VERSION, StateFiles::readHistory));
        }
        for (Path fan : folders(states, FAN_OUT)) {
            if (!folders(fan, CLIENT).isEmpty()) {
                throw new CorruptDataException(
                        "'" + history + "' is missing, but clients' states are there: whose they are"
                                + " is not known; restore it, or use another directory");
            }
        }
        return Optional.empty();
    }

    private static StateRounds.History readHistory(BinaryReader in) {
        RunId run = RunId.readFrom(in);
        int earliest = in.readInt();
        int committed = in.readInt();
        if (earliest < 1 || committed < earliest - 1) {
            throw in.corrupt("the earliest round must be at least 1 and the last at least the one before it, but was "
                    + earliest + " and " + committed);
        }
        return new StateRounds.History(run, earliest, committed);
    }

    void save(StateRounds.History kept) {
        BinaryWriter.toFile(history, HISTORY, VERSION, out -> {
            kept.run().writeTo(out);
            out.writeInt(kept.earliest());
            out.writeInt(kept.committed());
        });
    }

    /** Every client's rounds. */
    void forEachClient(BiConsumer<String, NavigableSet<Integer>> action) throws IOException {
        for (Path fan : folders(states, FAN_OUT)) {
            for (Path client : folders(fan, CLIENT)) {
                String key = String.valueOf(fan.getFileName()) + client.getFileName();
                action.accept(key, rounds(key));
            }
        }
    }

    private static List<Path> folders(Path in, Pattern names) throws IOException {
        return Folders.list(in, names).stream().filter(Files::isDirectory).toList();
    }

    /** Names that no store writes are others' files: they are left alone. */
    NavigableSet<Integer> rounds(String key) throws IOException {
        NavigableSet<Integer> rounds = new TreeSet<>();
        for (Path file : Folders.list(folder(key), FILE)) {
            long round = Long.parseLong(String.valueOf(file.getFileName()).substring(6, 16));
            if (round >= 1 && round <= Integer.MAX_VALUE) {
                rounds.add((int) round);
            }
        }
        return rounds;
    }

    ComponentState read(ClientId client, int round, RunId run) {
        return BinaryReader.fromFile(file(key(client), round), KIND, VERSION, in -> {
            if (!Arrays.equals(in.readBytes(), characters(client))) {
                throw in.corrupt("it is of another client; was it moved?");
            }
            int found = in.readInt();
            if (found != round) {
                throw in.corrupt("it is of round " + found + ", not " + round + "; was it renamed?");
            }
            RunId itsRun = RunId.readFrom(in);
            if (!itsRun.equals(run)) {
                throw in.corrupt("it is of run " + itsRun + ", not " + run + "; was it copied?");
            }
            return ComponentState.readFrom(in);
        });
    }

    /** Writes a proposal, forced to disk. Thread-safe: no two get one name. */
    Path stage(ClientId client, int round, ComponentState state, RunId run) {
        Path file = staged.resolve(proposals.incrementAndGet() + ".fl4j");
        BinaryWriter.toFile(file, KIND, VERSION, out -> {
            out.writeBytes(characters(client));
            out.writeInt(round);
            run.writeTo(out);
            state.writeTo(out);
        });
        return file;
    }

    /** Renames a proposal into place; it is durable once the folders added to {@code changed} are forced. */
    void commit(Path proposal, String key, int round, Set<Path> changed) throws IOException {
        Path folder = folder(key);
        changed.add(folder);
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            changed.add(fanOut(key));
            changed.add(states);
        }
        Files.move(proposal, file(key, round), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete(String key, int round, Set<Path> changed) throws IOException {
        if (Files.deleteIfExists(file(key, round))) {
            changed.add(folder(key));
        }
    }

    void deleteProposals(Collection<Path> proposals) throws IOException {
        for (Path proposal : proposals) {
            Files.deleteIfExists(proposal);
        }
    }

    /** Forgets all: in one step, as a crash half way through must not leave some clients their states. */
    void discardAll() throws IOException {
        if (Folders.list(states, Pattern.compile(".*")).isEmpty()) {
            return;
        }
        Folders.deleteTree(discarded);
        Files.move(states, discarded, StandardCopyOption.ATOMIC_MOVE);
        Files.createDirectory(states);
        Folders.force(directory);
        Folders.deleteTree(discarded);
    }

    private Path folder(String key) {
        return fanOut(key).resolve(key.substring(2));
    }

    private Path fanOut(String key) {
        return states.resolve(key.substring(0, 2));
    }

    private Path file(String key, int round) {
        return folder(key).resolve(String.format(Locale.ROOT, "round-%010d.fl4j", round));
    }

    static String key(ClientId client) {
        return Texts.digest(client.value());
    }

    /** Not UTF-8, which writes every unpaired surrogate as the same question mark. */
    private static byte[] characters(ClientId client) {
        String id = client.value();
        ByteBuffer bytes = ByteBuffer.allocate(Character.BYTES * id.length());
        bytes.asCharBuffer().put(id);
        return bytes.array();
    }
}
