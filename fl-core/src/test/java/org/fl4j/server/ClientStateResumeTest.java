package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fl4j.binary.ComponentState;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientStateStore;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.LocalObjectives;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With clients that remember, {@code run(5)} and a resume for 5 from nothing but files have the bits of {@code run(10)}. */
class ClientStateResumeTest {

    private static final List<ClientId> CLIENTS = ClientId.numbered("client-", 5);

    @TempDir
    private Path folder;

    @Test
    void fiveRoundsAndFiveMoreFromDiskAreTenRounds() {
        ServerState ten;
        List<ComponentState> remembered;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            ten = run(inMemory, checkpoints("ten"), Toy.start(), 10);
            remembered = CLIENTS.stream().map(inMemory::read).toList();
        }
        try (ClientStateStore states = onDisk()) {
            run(states, checkpoints("server"), Toy.start(), 5);
        }
        ServerState resumed;
        try (ClientStateStore states = onDisk()) {
            CheckpointStore checkpoints = checkpoints("server");
            resumed = run(states, checkpoints, checkpoints.latest().orElseThrow(), 5);
            assertEquals(remembered, CLIENTS.stream().map(states::read).toList());
        }
        assertEquals(ten, resumed);
    }

    /** Shows that the test above could fail. */
    @Test
    void withoutTheClientsStatesTheBitsAreOthers() {
        ServerState ten;
        ServerState five;
        try (ClientStateStore inMemory = ClientStateStore.inMemory()) {
            ten = run(inMemory, checkpoints("ten"), Toy.start(), 10);
            five = run(inMemory, checkpoints("five"), Toy.start(), 5);
        }
        try (ClientStateStore empty = ClientStateStore.inMemory()) {
            assertNotEquals(
                    ten.weights(), run(empty, checkpoints("five"), five, 5).weights());
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
            run(states, checkpoints("lost"), fifth, 1);
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
        ModelPool<HonouredObjectiveTest.Still> models = ModelPool.of(HonouredObjectiveTest.Still::new);
        LocalObjectives objectives =
                LocalObjectives.of(new HonouredObjectiveTest.Drift()).rememberingIn(states);
        try (FederatedServer server = FederatedServer.with(MeanRule.plain()
                        .minimising(HonouredObjectiveTest.DRIFT)
                        .sending(context -> Map.of("direction", Toy.delta(0, 0, context.round()))))
                .clients(ClientProvider.of(CLIENTS, id -> LocalClient.withObjectives(id, "data", models, objectives)))
                .localTraining(LocalTraining.steps(1).withLearningRate(0.1))
                .selector(ClientSelector.uniform(2))
                .clientStates(states)
                .checkpoints(checkpoints)
                .runner(InProcessRunner.of(2))
                .build()) {
            return server.run(from, rounds).state();
        }
    }
}
