package org.fl4j.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.AtomicFile;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.DirectoryLock;
import org.fl4j.internal.Folders;
import org.fl4j.internal.Texts;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * What clients remember that train in another JVM than the server: LOCAL parameters, models of their own, what an objective or a codec
 * keeps, FROZEN parameters and global weights that they were sent. None of it leaves.
 *
 * <pre>{@code
 * try (RemoteMemory memory = RemoteMemory.inDirectory(folder)) {
 *     PlainSession session = PlainSession.of(LocalClient.of(id, data, models).rememberingIn(memory), memory);
 *     ...
 * }
 * // at the server
 * ClientProvider clients = ClientProvider.of(ids, FarClient::new).remote().rememberingElsewhere(ClientStateStore.inDirectory(accepted));
 * }</pre>
 *
 * <p>A client does not see whether its update was accepted. So it keeps what its last task left beside what was accepted before, by the tasks'
 * tokens, and the next task names the one that counts ({@link Delivery#accepted}): an update that was rejected or late, and a round that was abandoned or
 * played again after a crash of the server, leave nothing behind. A server that names a state that is not here is an exception, as the
 * client would otherwise start afresh without anybody noticing.
 *
 * <p>A memory is of one federation: where a client takes part in two, the tasks of one would push out the states of the other.
 *
 * <p>Thread-safe.
 */
public final class RemoteMemory implements AutoCloseable {

    private static final String KIND = "remote-memory";
    private static final int VERSION = 1;
    private static final String FROZEN = "frozen";
    private static final String FROZEN_KIND = "frozen-parameters";
    private static final int MOST_FROZEN = 2;

    private final Shelf shelf;

    private RemoteMemory(Shelf shelf) {
        this.shelf = shelf;
    }

    /** A memory on the heap, which ends with its process: a client that begins anew after that is refused by its first task. */
    public static RemoteMemory inMemory() {
        return new RemoteMemory(new Heap());
    }

    /**
     * A memory on disk. What a task leaves is forced there before the update is sent.
     *
     * @param directory of this memory alone; made if need be. Locked until {@link #close}, or the end of the process
     * @throws IllegalStateException if a memory of this or another process has the directory open
     * @throws UncheckedIOException if the file system reports an error
     */
    public static RemoteMemory inDirectory(Path directory) {
        return new RemoteMemory(Disk.open(directory));
    }

    /**
     * What an accepted update left.
     *
     * @param accepted what the task says
     * @throws IllegalStateException if the server does not say, or names a state that is not here
     */
    synchronized ComponentState read(ClientId client, int round, OptionalLong accepted) {
        if (accepted.isEmpty()) {
            throw new IllegalStateException(who(client, round)
                    + "it remembers where its data are, but the server does not say which of its updates it accepted; give the"
                    + " server's clients a store for that, by ClientProvider.rememberingElsewhere");
        }
        long token = accepted.getAsLong();
        if (token == 0) {
            return ComponentState.EMPTY;
        }
        String key = key(client);
        String name = named(key, token)
                .orElseThrow(() -> new IllegalStateException(who(client, round)
                        + "the server has accepted an update of which nothing is left here; was the memory lost, or an older copy"
                        + " restored, here or at the server? To let the client begin anew, call ClientStateStore.forget for it"
                        + " at the server"));
        return shelf.read(key, name, KIND, VERSION, in -> {
            String whose = in.readString();
            if (!whose.equals(client.value())) {
                throw in.corrupt("it is of client '" + whose + "', not of '" + client + "'");
            }
            return ComponentState.readFrom(in);
        });
    }

    /** The global weights that an accepted update started from. */
    ModelWeights weights(ClientId client, int round, OptionalLong accepted, ParameterLayout layout) {
        ComponentState held = read(client, round, accepted).state(ClientMemory.GLOBAL);
        if (held.isEmpty()) {
            throw new IllegalStateException(
                    who(client, round) + "the task says what has changed since weights that the client does not hold");
        }
        return ModelWeights.from(held, LocalRound.WEIGHTS, layout);
    }

    /** What the update for a task leaves, in case it is accepted; replaces what was kept for the task before. */
    synchronized void keep(ClientId client, TrainingTask task, ComponentState state) {
        String key = key(client);
        Optional<String> replaced = named(key, task.token());
        List<String> names = shelf.names(key);
        long next = names.isEmpty() ? 1 : number(names.get(names.size() - 1)) + 1;
        ComponentState all = task.delivery().held() == Delivery.Held.WEIGHTS ? withGlobal(state, task.global()) : state;
        shelf.write(key, name(next, task.token()), BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(client.value());
            all.writeTo(out);
        }));
        replaced.ifPresent(name -> shelf.delete(key, name));
        prune(key, task.delivery().accepted());
    }

    private static ComponentState withGlobal(ComponentState state, ModelWeights global) {
        return ClientMemory.withParts(state).with(ClientMemory.GLOBAL, LocalRound.state(global));
    }

    /**
     * Before a client trains for a task: should it fail and yet be accepted, as under a private rule where zeros are masked in its place,
     * then what it remembered is still what it remembers.
     */
    void begin(ClientId client, TrainingTask task) {
        take(task.delivery());
        if (task.delivery().accepted().isPresent()) {
            keep(client, task, read(client, task.round(), task.delivery().accepted()));
        }
    }

    /** FROZEN parameters are kept as they come. */
    void take(Delivery delivery) {
        delivery.frozen().ifPresent(this::keepFrozen);
    }

    /** FROZEN parameters by their digest. */
    synchronized Optional<ModelWeights> frozen(String digest) {
        return shelf.names(FROZEN).stream()
                .filter(name -> name.endsWith(digest))
                .findFirst()
                .map(name -> shelf.read(FROZEN, name, FROZEN_KIND, VERSION, ModelWeights::readFrom));
    }

    private synchronized void keepFrozen(ModelWeights values) {
        List<String> names = shelf.names(FROZEN);
        if (names.stream().anyMatch(name -> name.endsWith(values.fingerprint()))) {
            return;
        }
        long next = names.isEmpty() ? 1 : number(names.get(names.size() - 1)) + 1;
        shelf.write(
                FROZEN,
                "%016x-%s".formatted(next, values.fingerprint()),
                BinaryWriter.toBytes(FROZEN_KIND, VERSION, values::writeTo));
        for (int i = 0; i <= names.size() - MOST_FROZEN; i++) {
            shelf.delete(FROZEN, names.get(i));
        }
    }

    /** A server goes back by one round at most, to what it has accepted: the newest is left and that. */
    private void prune(String key, OptionalLong accepted) {
        List<String> names = shelf.names(key);
        Optional<String> needed = accepted.isPresent() ? named(key, accepted.getAsLong()) : Optional.empty();
        names.subList(0, names.size() - 1).stream()
                .filter(name -> !Optional.of(name).equals(needed))
                .forEach(name -> shelf.delete(key, name));
    }

    private Optional<String> named(String key, long token) {
        String end = "-%016x".formatted(token);
        return shelf.names(key).stream().filter(name -> name.endsWith(end)).findFirst();
    }

    private static String name(long number, long token) {
        return "%016x-%016x".formatted(number, token);
    }

    private static long number(String name) {
        return Long.parseUnsignedLong(name.substring(0, 16), 16);
    }

    private static String key(ClientId client) {
        return Texts.digest(client.value());
    }

    private static String who(ClientId client, int round) {
        return "client '" + client + "', round " + round + ": ";
    }

    /** Unlocks the directory. */
    @Override
    public synchronized void close() {
        shelf.close();
    }

    /** Records in folders, each written as a whole. */
    private interface Shelf {

        /** In ascending order. */
        List<String> names(String folder);

        <T> T read(String folder, String name, String kind, int version, Function<BinaryReader, T> body);

        void write(String folder, String name, byte[] record);

        void delete(String folder, String name);

        void close();
    }

    private static final class Heap implements Shelf {

        private final Map<String, Map<String, byte[]>> folders = new ConcurrentHashMap<>();

        @Override
        public List<String> names(String folder) {
            return List.copyOf(of(folder).keySet());
        }

        @Override
        public <T> T read(String folder, String name, String kind, int version, Function<BinaryReader, T> body) {
            return BinaryReader.fromBytes(Objects.requireNonNull(of(folder).get(name)), kind, version, body);
        }

        @Override
        public void write(String folder, String name, byte[] record) {
            of(folder).put(name, record);
        }

        @Override
        public void delete(String folder, String name) {
            of(folder).remove(name);
        }

        @Override
        public void close() {}

        private Map<String, byte[]> of(String folder) {
            return folders.computeIfAbsent(folder, its -> new TreeMap<>());
        }
    }

    private record Disk(Path directory, DirectoryLock lock) implements Shelf {

        private static final Pattern NAMES = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{16,64}");

        static Disk open(Path directory) {
            try {
                Folders.create(directory);
                return new Disk(directory, DirectoryLock.acquire(directory, "the memory of clients"));
            } catch (IOException e) {
                throw failed(directory, e);
            }
        }

        @Override
        public List<String> names(String folder) {
            Path its = directory.resolve(folder);
            try {
                return Files.exists(its)
                        ? Folders.list(its, NAMES).stream()
                                .map(file -> String.valueOf(file.getFileName()))
                                .sorted()
                                .toList()
                        : List.of();
            } catch (IOException e) {
                throw failed(directory, e);
            }
        }

        @Override
        public <T> T read(String folder, String name, String kind, int version, Function<BinaryReader, T> body) {
            return BinaryReader.fromFile(file(folder, name), kind, version, body);
        }

        @Override
        public void write(String folder, String name, byte[] record) {
            try {
                AtomicFile.replace(file(folder, name), out -> out.write(record));
            } catch (IOException e) {
                throw failed(directory, e);
            }
        }

        @Override
        public void delete(String folder, String name) {
            try {
                Files.deleteIfExists(file(folder, name));
            } catch (IOException e) {
                throw failed(directory, e);
            }
        }

        private Path file(String folder, String name) {
            return directory.resolve(folder).resolve(name);
        }

        @Override
        public void close() {
            try {
                lock.close();
            } catch (IOException e) {
                throw failed(directory, e);
            }
        }

        private static RuntimeException failed(Path directory, IOException e) {
            return RunInterruptedException.unlessFailed(new UncheckedIOException(
                    "the memory of clients in '" + directory + "' could not be kept: " + e, e));
        }
    }
}
