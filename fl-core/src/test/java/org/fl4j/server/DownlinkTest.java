package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.PersonalModel;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.Traffic;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;

/** What each client is sent by what it holds: FROZEN parameters once, weights by what has changed. */
class DownlinkTest extends HeldByClients {

    /** Each client is sent the backbone with its first task, and with no other. */
    @Test
    void frozenBytesAreCountedOnce() {
        Setting setting = Setting.FROZEN;
        PersonalModel<double[][]> model = (PersonalModel<double[][]>) setting.model(1);
        Seen seen = new Seen();
        try (FederatedServer server = FederatedServer.with(new TestMean())
                .clients(here(setting, ClientStateStore.inMemory()))
                .localTraining(STEP)
                .frozen(model.frozen())
                .listeners(seen)
                .build()) {
            server.run(start(setting), 5);
        }
        long once = IDS.size() * BinaryWriter.lengthOfFields(model.frozen()::writeTo);
        assertEquals(once, down(seen, 0) - down(seen, 1));
        assertEquals(
                List.of(down(seen, 1), down(seen, 1), down(seen, 1)),
                List.of(down(seen, 2), down(seen, 3), down(seen, 4)));
    }

    /** Masked sums, too: the task is one of a client's messages. */
    @Test
    void whatIsHeldIsNotSentAgainUnderMasks() {
        Setting setting = Setting.EVERYTHING;
        PersonalModel<double[][]> model = (PersonalModel<double[][]>) setting.model(1);
        Seen seen = new Seen();
        try (FederatedServer server = FederatedServer.with(InsecureForTests.on(new TestMean(), 2))
                .clients(here(setting, ClientStateStore.inMemory()))
                .localTraining(STEP)
                .frozen(model.frozen())
                .downlink(Downlink.deltas(Codec.eden(1)))
                .listeners(seen)
                .build()) {
            server.run(start(setting), 2);
        }
        long[] tasks = seen.traffic.stream()
                .mapToLong(traffic ->
                        ((Traffic.Total) traffic).byStage().get(Traffic.TASK).down())
                .toArray();
        long values = Double.BYTES * (long) (D + 7) - 512 / 8;
        assertTrue(tasks[1] < tasks[0] - IDS.size() * (values - 120), () -> tasks[0] + ", then " + tasks[1]);
    }

    /** All clients of all rounds: after the first, one delta each. */
    @Test
    void deltasAreSmallAndReachTheOptimum() {
        List<Seen> seen = List.of(new Seen(), new Seen());
        double[] distances = new double[2];
        for (int i = 0; i < 2; i++) {
            ServerBuilder builder = FederatedServer.with(new TestMean())
                    .clients(here(Setting.DELTAS_DOWN, ClientStateStore.inMemory()))
                    .localTraining(STEP)
                    .listeners(seen.get(i));
            if (i == 1) {
                builder.downlink(Downlink.deltas(Codec.eden(1)));
            }
            try (FederatedServer server = builder.build()) {
                ModelWeights end =
                        server.run(start(Setting.DELTAS_DOWN), 300).state().weights();
                for (int j = 0; j < LAYOUT.length(); j++) {
                    int at = j;
                    double mean = DATA.values().stream()
                            .mapToDouble(points -> points[0][at])
                            .average()
                            .orElseThrow();
                    distances[i] = Math.max(distances[i], Math.abs(end.get(j) - mean));
                }
            }
        }
        assertTrue(distances[0] < 1e-6, "the optimum is not reached without: " + distances[0]);
        assertTrue(distances[1] < 1e-5, "nor with deltas: " + distances[1]);
        long whole = down(seen.get(0), 5);
        assertTrue(down(seen.get(1), 0) >= down(seen.get(0), 0), "weights are sent first");
        int values = IDS.size() * LAYOUT.length() * Double.BYTES;
        // One bit a coordinate, in blocks of 256, a power of two: 312 make 512 at most, and a scale.
        assertTrue(
                down(seen.get(1), 5) < whole - values + 4 * (512 / 8 + 120L),
                () -> down(seen.get(1), 5) + " of " + whole);
    }

    /** Nothing is sent again that a client holds, and a client that was away for long is sent the weights. */
    @Test
    void whoIsFarBehindIsSentTheWeights() {
        Setting setting = Setting.FP16_DELTAS_DOWN;
        ServerState state = start(setting);
        List<Integer> known = new ArrayList<>();
        for (int round = 1; round <= 6; round++) {
            Broadcast broadcast = Broadcast.of(Downlink.deltas(Codec.fp16()), state, round);
            known.clear();
            for (int held = 1; held <= round; held++) {
                if (broadcast.since(held).isPresent()) {
                    known.add(held);
                    assertEquals(
                            broadcast.weights(),
                            broadcast.since(held).get().addedTo(heldAt(held, setting)),
                            "of round " + held);
                }
            }
            state = next(state, broadcast);
        }
        assertEquals(
                List.of(3, 4, 5, 6),
                known,
                "four deltas of a quarter of the size, and what is around them, are longer than the weights");
    }

    private static ModelWeights heldAt(int round, Setting setting) {
        ServerState state = start(setting);
        for (int i = 1; ; i++) {
            Broadcast broadcast = Broadcast.of(Downlink.deltas(Codec.fp16()), state, i);
            if (i == round) {
                return broadcast.weights();
            }
            state = next(state, broadcast);
        }
    }

    private static ServerState next(ServerState state, Broadcast broadcast) {
        double[] moved = new double[LAYOUT.length()];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = state.weights().get(i) + 0.1 * (1 + i % 13);
        }
        return new ServerState(
                state.round() + 1,
                0,
                ModelWeights.copyOf(LAYOUT, moved),
                state.optimizer(),
                state.aggregator(),
                state.selector(),
                state.ledger(),
                broadcast.next(),
                state.progress(),
                state.time(),
                state.underWay(),
                state.seed(),
                state.run());
    }

    @Test
    void whatCannotBeIsRejected() {
        assertThrows(IllegalArgumentException.class, () -> Downlink.deltas(Codec.topK(0.1)));
        ClientProvider forgetful = ClientProvider.of(IDS, id -> (Client) new Far(id, null));
        for (Setting setting : List.of(Setting.FROZEN, Setting.DELTAS_DOWN)) {
            String why = assertThrows(
                            IllegalStateException.class,
                            () -> setting.server(forgetful, setting.model(1)).build())
                    .getMessage();
            assertTrue(why.contains("rememberingElsewhere"), why);
        }
        assertThrows(
                IllegalStateException.class,
                () -> FederatedServer.with(new TestMean())
                        .clients(forgetful.rememberingElsewhere(ClientStateStore.inMemory()))
                        .localTraining(STEP)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 2))
                        .build());
        String late = assertThrows(
                        IllegalStateException.class,
                        () -> Setting.FP16_DOWN
                                .server(
                                        here(Setting.FP16_DOWN, ClientStateStore.inMemory()),
                                        Setting.FP16_DOWN.model(1))
                                .asynchronous(AsynchronousRounds.fedBuff(3, 2))
                                .build())
                .getMessage();
        assertTrue(late.contains("asynchronous rounds reject downlink(weights by fp16)"), late);
        ServerBuilder other =
                Setting.FROZEN.server(here(Setting.FROZEN, ClientStateStore.inMemory()), Setting.FROZEN.model(2));
        try (FederatedServer server = other.build()) {
            String digest = assertThrows(IllegalArgumentException.class, () -> server.run(start(Setting.FROZEN), 1))
                    .getMessage();
            assertTrue(digest.contains("frozen(...) must be the FROZEN parameters"), digest);
        }
        double[] large = new double[LAYOUT.length()];
        large[9] = 70_000;
        try (FederatedServer server = Setting.FP16_DOWN
                .server(here(Setting.FP16_DOWN, ClientStateStore.inMemory()), Setting.FP16_DOWN.model(1))
                .build()) {
            String range = assertThrows(
                            IllegalStateException.class,
                            () -> server.run(ServerState.initial(ModelWeights.copyOf(LAYOUT, large), 1), 1))
                    .getMessage();
            assertTrue(range.contains("beyond 65504"), range);
        }
    }
}
