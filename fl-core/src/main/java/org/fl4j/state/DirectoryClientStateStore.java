package org.fl4j.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.DirectoryLock;
import org.fl4j.internal.Folders;

/**
 * States as files. Clients read and write theirs side by side under the shared lock; the server's calls take the
 * exclusive one. Memory is that of the rounds that can be rolled back, usually one, and of no state.
 */
final class DirectoryClientStateStore implements ClientStateStore {

    /** What touches the disk. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException;
    }

    private final Path directory;
    private final StateFiles files;
    private final DirectoryLock lock;
    private final StateRounds rounds;
    private final ReadWriteLock access = new ReentrantReadWriteLock();
    private final Map<ClientId, Path> staged = new ConcurrentHashMap<>();

    /**
     * For each round that can be rolled back, the keys of the clients it committed, each with the round of the client's
     * state before; 0 if there is none. The files before are what {@link #forgetBefore} deletes.
     */
    private final NavigableMap<Integer, Map<String, Integer>> committed = new TreeMap<>();

    private boolean closed;

    private DirectoryClientStateStore(Path directory, DirectoryLock lock) throws IOException {
        this.directory = directory;
        this.lock = lock;
        files = new StateFiles(directory);
        files.tidy();
        Optional<StateRounds.History> history = files.history();
        int earliest = history.map(StateRounds.History::earliest).orElse(1);
        files.forEachClient((key, itsRounds) -> index(key, itsRounds, earliest));
        rounds = new StateRounds(
                toString(),
                history,
                !committed.isEmpty()
                        && committed.lastKey() > history.orElseThrow().committed());
        deleteSuperseded();
    }

    static DirectoryClientStateStore open(Path directory) {
        try {
            Folders.create(directory);
            DirectoryLock lock = DirectoryLock.acquire(directory, "a client state store");
            boolean done = false;
            try {
                DirectoryClientStateStore store = new DirectoryClientStateStore(directory, lock);
                done = true;
                return store;
            } finally {
                if (!done) {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw failed(directory, e);
        } catch (UncheckedIOException e) {
            throw RunInterruptedException.unlessFailed(e);
        }
    }

    private void index(String key, NavigableSet<Integer> itsRounds, int earliest) {
        int before = 0;
        for (int round : itsRounds) {
            if (before > 0 || round >= earliest) {
                committed.computeIfAbsent(round, r -> new HashMap<>()).put(key, before);
            }
            before = round;
        }
    }

    @Override
    public ClientStateStore.Claim claim(RunId run, int round) {
        locked(access.writeLock(), () -> {
            rounds.claim(run, round, false);
            return round;
        });
        return ClientStateStore.Claim.releasedBy(this::release);
    }

    private void release() {
        access.writeLock().lock();
        try {
            rounds.release();
        } finally {
            access.writeLock().unlock();
        }
    }

    @Override
    public long begin(int round) {
        return locked(access.writeLock(), () -> {
            StateRounds.History history = rounds.checkBegin(round);
            dropStaged();
            if (!rounds.isKept(history)) {
                // Before anything is deleted: the store must not claim a round whose states are gone.
                files.save(history);
            }
            rollBack(round);
            return rounds.begun(round, history);
        });
    }

    private void rollBack(int round) throws IOException {
        Set<Path> changed = new LinkedHashSet<>();
        NavigableMap<Integer, Map<String, Integer>> undone = committed.tailMap(round, true);
        for (Map.Entry<Integer, Map<String, Integer>> entry : undone.entrySet()) {
            for (String key : entry.getValue().keySet()) {
                files.delete(key, entry.getKey(), changed);
            }
        }
        // Before anything new is durable: a file that a power cut brings back would look like one of the round before.
        force(changed);
        undone.clear();
    }

    @Override
    public ComponentState read(ClientId client) {
        return locked(access.readLock(), () -> {
            NavigableSet<Integer> itsRounds = files.rounds(StateFiles.key(client));
            return itsRounds.isEmpty()
                    ? ComponentState.EMPTY
                    : files.read(client, itsRounds.last(), rounds.run().orElseThrow());
        });
    }

    @Override
    public void stage(ClientId client, int round, long token, ComponentState state) {
        locked(access.readLock(), () -> {
            if (rounds.takes(round, token, state)) {
                RunId run = rounds.run().orElseThrow();
                Path replaced = staged.put(client, files.stage(client, round, state, run));
                if (replaced != null) {
                    Files.deleteIfExists(replaced);
                }
            }
            return round;
        });
    }

    @Override
    public void commit(int round, Collection<ClientId> accepted) {
        locked(access.writeLock(), () -> {
            StateRounds.History history = rounds.checkCommit(round);
            Set<Path> changed = new LinkedHashSet<>();
            for (ClientId client : accepted) {
                Path proposal = staged.remove(client);
                if (proposal != null) {
                    String key = StateFiles.key(client);
                    Integer before = files.rounds(key).lower(round);
                    // Booked first: if the disk fails here, begin undoes what is booked.
                    committed.computeIfAbsent(round, r -> new HashMap<>()).put(key, before == null ? 0 : before);
                    files.commit(proposal, key, round, changed);
                }
            }
            force(changed);
            // After the states: the store must not claim a round before it is durable.
            files.save(history);
            dropStaged();
            rounds.committed(history);
            return round;
        });
    }

    @Override
    public void forgetBefore(int round) {
        locked(access.writeLock(), () -> {
            Optional<StateRounds.History> history = rounds.forgetting(round);
            if (history.isPresent()) {
                // Durable first: states that are gone must not look like states that never were.
                files.save(history.get());
                rounds.forgot(history.get());
                deleteSuperseded();
            }
            return round;
        });
    }

    @Override
    public void eraseHistory() {
        locked(access.writeLock(), () -> {
            rounds.checkErase();
            dropStaged();
            files.discardAll();
            committed.clear();
            rounds.erased();
            return directory;
        });
    }

    /** The newest last: a crash half way through must not leave the client an older state. */
    @Override
    public void forget(ClientId client) {
        locked(access.writeLock(), () -> {
            rounds.checkErase();
            dropStaged();
            String key = StateFiles.key(client);
            Set<Path> changed = new LinkedHashSet<>();
            for (int round : files.rounds(key)) {
                files.delete(key, round, changed);
            }
            force(changed);
            committed.values().forEach(clients -> clients.remove(key));
            return directory;
        });
    }

    private void deleteSuperseded() throws IOException {
        NavigableMap<Integer, Map<String, Integer>> settled = committed.headMap(rounds.earliest(), false);
        for (Map<String, Integer> clients : settled.values()) {
            for (Map.Entry<String, Integer> client : clients.entrySet()) {
                if (client.getValue() > 0) {
                    files.delete(client.getKey(), client.getValue(), new LinkedHashSet<>());
                }
            }
        }
        settled.clear();
    }

    @Override
    public void close() {
        access.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                try {
                    dropStaged();
                } finally {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw failed(directory, e);
        } finally {
            access.writeLock().unlock();
        }
    }

    private void dropStaged() throws IOException {
        files.deleteProposals(staged.values());
        staged.clear();
    }

    private static void force(Set<Path> folders) throws IOException {
        for (Path folder : folders) {
            Folders.force(folder);
        }
    }

    private <T> T locked(Lock held, Work<T> work) {
        held.lock();
        try {
            if (closed) {
                throw new IllegalStateException(this + " is closed");
            }
            return work.run();
        } catch (IOException e) {
            throw failed(directory, e);
        } catch (UncheckedIOException e) {
            throw RunInterruptedException.unlessFailed(e);
        } finally {
            held.unlock();
        }
    }

    private static RuntimeException failed(Path directory, IOException e) {
        return RunInterruptedException.unlessFailed(
                new UncheckedIOException("client states in '" + directory + "' could not be kept: " + e, e));
    }

    @Override
    public String toString() {
        return "the client state store in '" + directory + "'";
    }
}
