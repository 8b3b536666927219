package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With clients that remember, {@code run(5)} and a resume for 5 from nothing but files have the bits of {@code run(10)}. */
class ClientStateResumeTest {

    @TempDir
    private Path folder;

    @Test
    void fiveRoundsAndFiveMoreFromDiskAreTenRounds() {
        ServerState ten;
        List<ComponentState> remembered;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            ten = run(inMemory, checkpoints("ten"), Toy.start(), 10);
            remembered = RememberingRun.CLIENTS.stream().map(inMemory::read).toList();
        }
        try (ClientStateStore states = onDisk()) {
            run(states, checkpoints("server"), Toy.start(), 5);
        }
        ServerState resumed;
        try (ClientStateStore states = onDisk()) {
            CheckpointStore checkpoints = checkpoints("server");
            resumed = run(states, checkpoints, checkpoints.latest().orElseThrow(), 5);
            assertEquals(
                    remembered,
                    RememberingRun.CLIENTS.stream().map(states::read).toList());
        }
        assertEquals(ten, resumed);
    }

    /** Shows that the test above could fail: with the same weights, but without the clients' states, the bits are others. */
    @Test
    void withoutClientStatesTheResultDiffers() {
        ServerState ten;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            ten = run(inMemory, checkpoints("ten"), Toy.start(), 10);
        }
        ServerState five;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            five = run(inMemory, checkpoints("five"), Toy.start(), 5);
        }
        try (ClientStateStore forgetful = new Forgetful()) {
            assertNotEquals(
                    ten.weights(), run(forgetful, checkpoints("five"), five, 5).weights());
        }
    }

    /** Says that it continues any run, and remembers nothing of it. */
    private static final class Forgetful implements ClientStateStore {

        private final ClientStateStore empty = ClientStateStore.inMemory();
        private int skipped = -1;

        @Override
        public ClientStateStore.Claim claim(RunId run, int round) {
            skipped = skipped < 0 ? round : skipped;
            return empty.claim(run, round - skipped);
        }

        @Override
        public long begin(int round) {
            return empty.begin(round - skipped);
        }

        @Override
        public ComponentState read(ClientId client) {
            return empty.read(client);
        }

        @Override
        public void stage(ClientId client, int round, long token, ComponentState state) {
            empty.stage(client, round - skipped, token, state);
        }

        @Override
        public void commit(int round, Collection<ClientId> accepted) {
            empty.commit(round - skipped, accepted);
        }

        @Override
        public void forgetBefore(int round) {
            empty.forgetBefore(round - skipped);
        }

        @Override
        public void forget(ClientId client) {
            empty.forget(client);
        }

        @Override
        public void eraseHistory() {
            empty.eraseHistory();
        }
    }

    /** The sixth round is committed, and the process ends before its checkpoint is written: the fifth is the newest. */
    @Test
    void aRoundWithoutItsCheckpointIsRunAgain() {
        ServerState ten;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            ten = run(inMemory, checkpoints("ten"), Toy.start(), 10);
        }
        ServerState fifth;
        try (ClientStateStore states = onDisk()) {
            fifth = run(states, checkpoints("server"), Toy.start(), 5);
            CheckpointStore lost = checkpoints("lost");
            lost.save(fifth);
            run(states, lost, fifth, 1);
        }
        try (ClientStateStore states = onDisk()) {
            assertEquals(ten, run(states, checkpoints("server"), fifth, 5));
        }
    }

    private CheckpointStore checkpoints(String name) {
        return CheckpointStore.in(folder.resolve(name));
    }

    private ClientStateStore onDisk() {
        return ClientStateStore.inDirectory(folder.resolve("clients"));
    }

    private static ServerState run(ClientStateStore states, CheckpointStore checkpoints, ServerState from, int rounds) {
        return RememberingRun.run(states, checkpoints, from, rounds);
    }
}
