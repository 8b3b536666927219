package org.fl4j.server.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.NativeBlas;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.CapturedLog;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.Toy;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;

/** Listeners hear everything in order and change nothing. */
class RoundListenerTest {

    @Test
    void listenersAreCalledInTheOrderOfRegistration() {
        List<String> heard = new ArrayList<>();
        run(server().listeners(named("a", heard)).listeners(named("b", heard)), 2);

        assertEquals(
                List.of(
                        "a: 2 rounds from 0",
                        "b: 2 rounds from 0",
                        "a: round 1",
                        "b: round 1",
                        "a: Advanced to 1",
                        "b: Advanced to 1",
                        "a: round 2",
                        "b: round 2",
                        "a: Advanced to 2",
                        "b: Advanced to 2"),
                heard);
    }

    @Test
    void aListenerThatThrowsIsLoggedOnceAndAffectsNothingElse() {
        List<String> heard = new ArrayList<>();
        ServerState undisturbed = run(server(), 3).state();
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            ServerState disturbed = run(
                            server().listeners(new Throwing("x"))
                                    .listeners(new Throwing("x"))
                                    .listeners(named("b", heard)),
                            3)
                    .state();

            assertEquals(undisturbed, disturbed);
            assertEquals(1 + 2 * 3, heard.size());
            assertEquals(
                    List.of(
                            "listener Throwing[name=x] threw; the run continues, and this is logged once",
                            "listener Throwing[name=x] threw; the run continues, and this is logged once"),
                    log.warnings(),
                    "once for each of two that are equal");
        }
    }

    @Test
    void theLogNamesTheFirstThreeClientsThatWereLost() {
        ScriptedPopulation population = ScriptedPopulation.of(6, Toy.moves(1, 0, 0));
        for (int i = 1; i < 5; i++) {
            population.but(i, (self, task) -> {
                throw new IOException("away");
            });
        }
        population.but(1, (self, task) -> ClientUpdate.of(self, task, Toy.delta(0, 0, 0), 0));
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            run(server().clients(population).policy(RoundPolicy.DEFAULT.withMinUpdates(3)), 1);

            assertEquals(
                    List.of(
                            "round abandoned: round 1: 2 of 6 clients completed but the round needs 3",
                            "round 1: 4 of 6 clients did not complete: client 'client-1', round 1: numExamples must be at"
                                    + " least 1, but was 0; client 'client-2' failed: java.io.IOException: away;"
                                    + " client 'client-3' failed: java.io.IOException: away; ..."),
                    log.warnings());
        }
    }

    @Test
    void theProvenanceIsRecorded() {
        List<NativeThreads.Provenance> recorded = new ArrayList<>();
        run(
                server().listeners(new RoundListener() {
                    @Override
                    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
                        recorded.add(provenance);
                    }
                }),
                1);

        NativeThreads.Provenance provenance = recorded.get(0);
        assertEquals(System.getProperty("java.version") + " " + System.getProperty("java.vendor"), provenance.java());
        assertEquals(System.getProperty("os.name") + " " + System.getProperty("os.arch"), provenance.platform());
        assertEquals("CpuBackend", provenance.backend());
        assertEquals("OPENBLAS", provenance.blas().vendor());
        assertNotEquals("unknown", provenance.blas().core());
        assertTrue(provenance.blas().version().startsWith("0.3."), provenance.toString());
        assertEquals(NativeBlas.PRODUCT_RULES, provenance.blas().productRules());
        assertEquals(1, provenance.nativeThreads());
    }

    private static RoundListener named(String name, List<String> heard) {
        return new RoundListener() {
            @Override
            public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
                heard.add(name + ": " + rounds + " rounds from " + from.round());
            }

            @Override
            public void roundStarted(int round) {
                heard.add(name + ": round " + round);
            }

            @Override
            public void roundEnded(RoundResult result) {
                heard.add(name + ": " + result.getClass().getSimpleName() + " to "
                        + result.state().round());
            }
        };
    }

    /** Equal to every other of its name, which must not hide it. */
    private record Throwing(String name) implements RoundListener {

        @Override
        public void roundStarted(int round) {
            throw new IllegalStateException("before round " + round);
        }

        @Override
        public void roundEnded(RoundResult result) {
            throw new IllegalStateException("after a round");
        }
    }

    private static ServerBuilder server() {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(5, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static RoundResult run(ServerBuilder builder, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(Toy.start(), rounds);
        }
    }
}
