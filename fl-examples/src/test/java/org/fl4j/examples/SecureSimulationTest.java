package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.data.SyntheticFederation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program of a few lines under masks, whose clients remember in files, stopped half way and started again. */
class SecureSimulationTest {

    private static final int CLIENTS = 6;
    private static final int MOST_EXAMPLES = 60;
    private static final FixedPoint NUMBERS =
            FixedPoint.within(4).resolution(0x1p-20).weighingAtMost(MOST_EXAMPLES);

    @TempDir
    private Path folder;

    static Stream<Named<Supplier<SecureSum>>> rules() {
        return Stream.of(
                Named.of(
                        "SCAFFOLD",
                        () -> SecureSum.on(Scaffold.on(FedAvg.byExamples()), NUMBERS.segment("control", NUMBERS))),
                Named.of("FedDyn", () -> SecureSum.on(FedDyn.of(0.1), NUMBERS)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void sixRoundsAreThreeAndThree(Supplier<SecureSum> rule) {
        ServerState whole = run(rule.get(), "whole", 6);
        ServerState half = run(rule.get(), "halves", 3);
        assertTrue(Files.isDirectory(folder.resolve("halves").resolve("clients")), "clients remember in files");

        assertEquals(3, half.round());
        assertNotEquals(half.weights(), whole.weights());
        assertEquals(whole, run(rule.get(), "halves", 6));
    }

    /** Each of four stages draws latencies anew, and in some a client is late. */
    @ParameterizedTest
    @MethodSource("rules")
    void sixRoundsWithStragglersInVirtualTimeAreThreeAndThree(Supplier<SecureSum> rule) {
        ServerState whole = late(rule.get(), "whole").run(6).state();
        late(rule.get(), "halves").run(3);

        assertEquals(whole, late(rule.get(), "halves").run(6).state());
        assertNotEquals(run(rule.get(), "punctual", 6).weights(), whole.weights());
        assertTrue(
                whole.time().compareTo(Duration.ofMinutes(24)) > 0, whole.time().toString());
    }

    private Simulation late(SecureSum rule, String name) {
        return simulation(rule, name)
                .latency(Latency.pareto(Duration.ofMinutes(1), 2))
                .configure(server -> server.policy(
                        RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(5)).withMaxAbandoned(Integer.MAX_VALUE)));
    }

    private ServerState run(SecureSum rule, String name, int rounds) {
        return simulation(rule, name).run(rounds).state();
    }

    private Simulation simulation(SecureSum rule, String name) {
        SyntheticFederation federation =
                SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 4).withMaxExamples(MOST_EXAMPLES);
        return Simulation.with(rule)
                .over(
                        Population.generated(CLIENTS, i -> federation.client(i).training()),
                        () -> new SoftmaxRegression(SyntheticFederation.FEATURES, SyntheticFederation.CLASSES))
                .cohort(CLIENTS - 2)
                .localTraining(LocalTraining.steps(4).withLearningRate(0.05))
                .checkpoints(folder.resolve(name));
    }
}
