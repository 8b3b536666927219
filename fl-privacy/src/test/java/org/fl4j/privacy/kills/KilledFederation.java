package org.fl4j.privacy.kills;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.fl4j.client.InProcessRunner;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;

/** One process of a run: continues from the newest checkpoint, up to the last round. */
final class KilledFederation {

    /** How long a client is at work: training is a part of a round in which a kill can fall. */
    private static final Duration WORK = Duration.ofMillis(1);

    private static final long SAMPLED_NANOS = 500_000;

    private KilledFederation() {}

    public static void main(String... args) throws IOException {
        RunFolder folder = new RunFolder(Path.of(args[0]));
        Setting setting = Setting.valueOf(args[1]);
        sample(folder.phase(), Thread.currentThread());
        CheckpointStore store = folder.checkpoints();
        int round = store.latest().map(ServerState::round).orElse(0);
        append(folder.starts(), ByteBuffer.allocate(Integer.BYTES).putInt(0, round));
        GaussianMechanism rule =
                Setting.mechanism(Optional.of(folder.journal()), () -> append(folder.draws(), ByteBuffer.allocate(1)));
        try (ClientStateStore states = ClientStateStore.inDirectory(folder.clients());
                InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = setting.server(rule, states, runner, WORK)
                        .checkpoints(store)
                        .build()) {
            server.runUntil(Integer.parseInt(args[2]), Setting.START);
        }
    }

    /** Where the thread is, about twice a millisecond, in memory that outlives this process. */
    private static void sample(Path file, Thread runs) throws IOException {
        MappedByteBuffer phase;
        try (FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE)) {
            phase = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1);
        }
        Thread sampler = new Thread(() -> {
            while (true) {
                phase.put(0, Phase.of(runs.getStackTrace()).code);
                LockSupport.parkNanos(SAMPLED_NANOS);
            }
        });
        sampler.setDaemon(true);
        sampler.start();
    }

    private static void append(Path file, ByteBuffer bytes) {
        try (FileChannel channel = FileChannel.open(file, CREATE, WRITE, APPEND)) {
            channel.write(bytes);
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
