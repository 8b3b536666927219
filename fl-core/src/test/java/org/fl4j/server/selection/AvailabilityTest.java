package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;

/** A selector over the clients that are available in a round. */
class AvailabilityTest {

    private static final List<ClientId> TEN = ClientId.numbered("client-", 10);
    private static final ClientSelector.Availability TAKING_TURNS = (round, client) -> number(client) % 2 == round % 2;

    /** The first of them would have all turns. */
    @Test
    void ofMoreFreeClientsThanPlacesAllGetTurns() {
        ClientSelector selector = ClientSelector.all().among((round, client) -> true);
        Set<ClientId> chosen = new HashSet<>();
        for (int seed = 0; seed < 40; seed++) {
            List<ClientId> two = selector.fill(
                            new ClientSelector.Context(1, TEN, 0, ComponentState.EMPTY, seed),
                            2,
                            client -> client.equals(TEN.get(4)))
                    .cohort();
            assertEquals(2, new HashSet<>(two).size());
            chosen.addAll(two);
        }
        assertEquals(9, chosen.size());
        assertFalse(chosen.contains(TEN.get(4)), "it is taken");
    }

    @Test
    void theSelectorSeesAvailableClientsInThePopulationsOrder() {
        ClientSelector all = ClientSelector.all().among(TAKING_TURNS);

        assertEquals(ids(1, 3, 5, 7, 9), cohort(all, 1));
        assertEquals(ids(0, 2, 4, 6, 8), cohort(all, 2));
        assertEquals(ids(1, 3), cohort(ClientSelector.roundRobin(2).among(TAKING_TURNS), 1));
        assertEquals(5, cohort(ClientSelector.uniform(7).among(TAKING_TURNS), 2).size());
    }

    @Test
    void theCohortSizeIsThatOfTheSelector() {
        ClientSelector three = ClientSelector.uniform(3).among(TAKING_TURNS);
        for (int round = 1; round <= 50; round++) {
            List<ClientId> cohort = cohort(three, round);
            assertEquals(3, cohort.size());
            for (ClientId client : cohort) {
                assertTrue(TAKING_TURNS.isAvailable(round, client));
            }
        }
    }

    @Test
    void theSchemeNamesTheInnerOneAndPromisesNothing() {
        assertEquals(
                new SamplingScheme.Other("Poisson[probability=0.1, source=CRYPTOGRAPHIC] among available clients"),
                ClientSelector.poisson(0.1).among(TAKING_TURNS).scheme());
        assertEquals(
                new SamplingScheme.Other("round-robin of 2 among available clients"),
                ClientSelector.roundRobin(2).among(TAKING_TURNS).scheme());
        assertEquals(
                new SamplingScheme.Other("power-of-choice, 2 of 3 among available clients"),
                ClientSelector.powerOfChoice(2, 3).among(TAKING_TURNS).scheme());
    }

    @Test
    void anInformedSelectorKeepsItsStateAmongAvailableClients() {
        ServerState state =
                run(ClientSelector.powerOfChoice(2, 3).among(TAKING_TURNS), 4).state();
        assertEquals("power-of-choice", state.selector().kind());
    }

    @Test
    void aRoundWithoutAvailableClientsIsAbandonedAndTheNextOneRuns() {
        ClientSelector awake = ClientSelector.uniform(3).among((round, client) -> round != 2);
        RoundResult.Abandoned second = assertInstanceOf(RoundResult.Abandoned.class, run(awake, 2));

        assertEquals("round 2: the selector chose none of 10 clients", second.reason());
        assertEquals(List.of(), second.report().outcomes());
        RoundResult third = run(awake, 3);
        assertInstanceOf(RoundResult.Advanced.class, third);
        assertEquals(3, Toy.report(third).completed().size());
    }

    @Test
    void aSecureRoundWithoutAnyClientIsAbandonedToo() {
        try (FederatedServer server = FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 3))
                .clients(ScriptedPopulation.of(10, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.all().among((round, client) -> false))
                .runner(InProcessRunner.of(1))
                .build()) {
            RoundResult.Abandoned first = assertInstanceOf(RoundResult.Abandoned.class, server.run(Toy.start(), 1));
            assertEquals("round 1: the selector chose none of 10 clients", first.reason());
        }
    }

    private static RoundResult run(ClientSelector selector, int rounds) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(10, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .selector(selector)
                .runner(InProcessRunner.of(1))
                .build()) {
            return server.run(Toy.start(), rounds);
        }
    }

    private static List<ClientId> cohort(ClientSelector selector, int round) {
        return selector.select(new ClientSelector.Context(round, TEN, 0, ComponentState.EMPTY, round))
                .cohort();
    }

    private static int number(ClientId client) {
        return Integer.parseInt(client.value().substring("client-".length()));
    }

    private static List<ClientId> ids(int... clients) {
        return Arrays.stream(clients).mapToObj(TEN::get).toList();
    }
}
