package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches the whole heap, at the moment in which the server decodes, for the sum without its noise: as integers or floating-point
 * numbers, of 4 and of 8 bytes.
 */
class UnnoisedSumTest {

    private static final int LENGTH = 100;
    private static final int CLIENTS = 5;
    private static final int SEARCHED = 6;

    @TempDir
    private Path folder;

    /** The search finds it where the server adds the noise: there the sum is until the round ends. */
    @Test
    void theServersOwnNoiseIsAddedToASumThatItHolds() throws IOException {
        Watched watched = new Watched(folder.resolve("central.hprof"));
        play(SecureSum.on(GaussianMechanism.on(watched, 1)));
        BoundedRound round = watched.begin(context());
        Summand sum = Summand.zero(round.segments());
        clients().forEach(client -> round.encoder().encode(update(client)).addTo(sum));

        assertTrue(watched.holds(sum.toArray()));
    }

    @Test
    void nobodyHoldsASumWithoutTheNoiseOfTheClients() throws IOException {
        Watched watched = new Watched(folder.resolve("distributed.hprof"));
        play(SecureSum.on(DistributedGaussian.on(watched, 1)));
        Summand real = Summand.zero(watched.begin(context()).segments());
        UpdateEncoder encoder = watched.begin(context()).encoder();
        clients().forEach(client -> encoder.encode(update(client)).addTo(real));

        assertFalse(watched.holds(integers(watched)), "the sum of the clients' integers");
        assertFalse(watched.holds(real.toArray()), "the sum of what the rule encodes");
    }

    /** The sum that is searched for is the right one: it is there if the clients' noise is zero. */
    @Test
    void theSumOfClientsWithoutNoiseIsFound() throws IOException {
        Watched watched = new Watched(folder.resolve("noiseless.hprof"));
        play(SecureSum.on(DistributedNoise.of(watched, 1, new NoNoise(DistributedGaussian.law()))));

        assertTrue(watched.holds(integers(watched)));
    }

    private record NoNoise(NoiseLaw law) implements NoiseLaw {

        @Override
        public Sampler sampler(double variance) {
            return (out, bits) -> {};
        }

        @Override
        public double uncounted() {
            return law.uncounted();
        }

        @Override
        public double beyondGaussian(double variance, double l) {
            return 0;
        }

        @Override
        public PrivacyEvent event(NoiseLattice lattice, double times) {
            return law.event(lattice, times);
        }

        @Override
        public void requireCovered(NoiseLattice lattice, double clientVariance, int clients) {}
    }

    private static void play(SecureAggregator rule) {
        ClientProvider provider = Releases.differing(CLIENTS, UnnoisedSumTest::delta);
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(provider)
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            assertEquals(
                    1,
                    server.run(ServerState.initial(Releases.start(LENGTH), 1), 1)
                            .state()
                            .round());
        }
    }

    /** The sum of the integers that the clients of the run made, before their noise: signs and rounding are by public seeds. */
    private static double[] integers(Watched watched) {
        BoundedRound inner = watched.begin(context());
        NoiseLattice lattice = NoiseLattice.of(inner.segments(), inner.sensitivity(), 1);
        // 5 clients, of which 3 survive at least, and one of them knows its own noise.
        DistributedRound round = new DistributedRound(
                inner,
                inner.encoder(),
                CohortLattice.of(lattice, DistributedGaussian.law(), CLIENTS, 2),
                () -> (out, bits) -> {},
                watched.seed,
                () -> AesCtrBits.insecure(1),
                "");
        Summand sum = Summand.zero(round.segments());
        clients().forEach(client -> round.encoder().encode(update(client)).addTo(sum));
        return sum.toArray();
    }

    private static RoundContext context() {
        return Releases.context(LENGTH, CLIENTS);
    }

    private static List<ClientId> clients() {
        return ClientId.numbered("c", CLIENTS);
    }

    private static ClientUpdate update(ClientId client) {
        return new ClientUpdate(client, 1, 0, delta(client), 1, Map.of(), Map.of(), ObjectiveSpec.EMPIRICAL_RISK);
    }

    private static ModelDelta delta(ClientId client) {
        DeterministicRandom random = new DeterministicRandom(client.value().hashCode());
        return ModelDelta.of(
                Fixtures.layout(LENGTH),
                IntStream.range(0, LENGTH)
                        .mapToDouble(i -> random.nextGaussian())
                        .toArray());
    }

    /** A clipped mean that writes the heap to a file when it decodes. */
    private static final class Watched implements BoundedAggregator {

        private final ClippedMean rule = ClippedMean.fixed(1).dividingBy(1);
        private final Path file;
        private final AtomicBoolean written = new AtomicBoolean();
        private volatile long seed;

        Watched(Path file) {
            this.file = file;
        }

        @Override
        public BoundedRound begin(RoundContext context) {
            BoundedRound round = rule.begin(context);
            seed = written.get() ? seed : context.encodingSeed();
            return new BoundedRound() {
                @Override
                public Sensitivity sensitivity() {
                    return round.sensitivity();
                }

                @Override
                public List<Segment> segments() {
                    return round.segments();
                }

                @Override
                public UpdateEncoder encoder() {
                    return round.encoder();
                }

                @Override
                public Aggregation.Result decode(Summand total) {
                    if (written.compareAndSet(false, true)) {
                        dump(file);
                    }
                    return round.decode(total);
                }
            };
        }

        private static void dump(Path file) {
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpHeap(file.toString(), false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Whether the first numbers stand one after another in the heap, in one of the four forms. */
        boolean holds(double[] numbers) throws IOException {
            assertTrue(Files.exists(file));
            ByteBuffer ints = ByteBuffer.allocate(4 * SEARCHED);
            ByteBuffer longs = ByteBuffer.allocate(8 * SEARCHED);
            ByteBuffer floats = ByteBuffer.allocate(4 * SEARCHED);
            ByteBuffer doubles = ByteBuffer.allocate(8 * SEARCHED);
            for (int i = 0; i < SEARCHED; i++) {
                ints.putInt((int) numbers[i]);
                longs.putLong((long) numbers[i]);
                floats.putFloat((float) numbers[i]);
                doubles.putDouble(numbers[i]);
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                MappedByteBuffer heap = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
                return contains(heap, ints.array())
                        || contains(heap, longs.array())
                        || contains(heap, floats.array())
                        || contains(heap, doubles.array());
            }
        }

        private static boolean contains(ByteBuffer heap, byte[] pattern) {
            for (int at = 0; at + pattern.length <= heap.capacity(); at++) {
                int i = 0;
                while (i < pattern.length && heap.get(at + i) == pattern[i]) {
                    i++;
                }
                if (i == pattern.length) {
                    return true;
                }
            }
            return false;
        }
    }
}
