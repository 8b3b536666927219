package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.server.report.RoundResult;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What the server does not take, with its whole reason, in round 3 of three clients; the other two end the round. */
class UpdateRejectionTest {

    private static final ModelDelta GOOD = Toy.delta(1, 1, 1);
    private static final String OTHER_MODEL = "; was the client's model built from the same configuration?";
    private static final String DIVERGED = "; did local training diverge at learning rate 0.5?";

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void rejectsWithAReasonAndContinuesWithTheOthers(String what, ScriptedPopulation.Training odd, String why) {
        expect(MeanRule.plain(), odd, why);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void rejectsForARuleThatSeesEveryUpdate(String what, ScriptedPopulation.Training odd, String why) {
        try (FederatedServer server = build(FederatedServer.with(Toy.unlinear(MeanRule.plain())), odd)) {
            expect(server, why);
        }
    }

    @ParameterizedTest(name = "of {0} examples")
    @MethodSource("tooMany")
    void rejectsWhatTheRuleRejects(long examples) {
        expect(
                MeanRule.plain().rejectingAbove(10),
                changed(GOOD, examples, Map.of(), Map.of()),
                "client 'client-1', round 3: " + examples + " examples are more than 10");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("objectives")
    void rejectsAnUpdateTrainedWithAnotherObjective(ObjectiveSpec asked, ObjectiveSpec used, String why) {
        expect(
                MeanRule.plain().minimising(asked),
                (self, task) -> new ClientUpdate(self, task.round(), task.token(), GOOD, 1, Map.of(), Map.of(), used),
                why);
    }

    /** Its own code fails at that, and it alone. */
    @Test
    @SuppressWarnings("NullAway") // as a careless client does
    void anUpdateWithoutItsDeltaIsItsClientsFailure() {
        try (FederatedServer server = build(
                FederatedServer.with(MeanRule.plain()),
                (self, task) -> new ClientUpdate(
                        self, task.round(), task.token(), null, 1, Map.of(), Map.of(), task.objective()))) {
            assertEquals(
                    List.of(
                            "client-0 completed",
                            "client-1 failed: java.lang.NullPointerException: delta",
                            "client-2 completed"),
                    Toy.outcomes(server.run(Toy.afterTwoRounds(), 1)));
        }
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                deltaOf(
                        "NaN",
                        Toy.delta(0, Double.NaN, 0),
                        "delta is not finite at coordinate 1, of parameter 'W'" + DIVERGED),
                deltaOf(
                        "infinity",
                        Toy.delta(0, 0, Double.POSITIVE_INFINITY),
                        "delta is not finite at coordinate 2, of parameter 'b'" + DIVERGED),
                deltaOf(
                        "beyond FLOAT",
                        Toy.delta(-1e39, 0, 0),
                        "delta is not finite at coordinate 0, of parameter 'W'" + DIVERGED),
                deltaOf(
                        "shape",
                        ModelDelta.zero(layout(ParameterSpec.trainable("W", 1, 2), ParameterSpec.trainable("b", 1))),
                        "delta: parameter 'W' has shape [1, 2] but the global model has [2]" + OTHER_MODEL),
                deltaOf(
                        "role",
                        ModelDelta.zero(layout(ParameterSpec.trainable("W", 2), ParameterSpec.statistic("b", 1))),
                        "delta: parameter 'b' has order ROW_MAJOR and role STATISTIC but the global model has ROW_MAJOR and"
                                + " TRAINABLE" + OTHER_MODEL),
                deltaOf(
                        "name",
                        ModelDelta.zero(layout(ParameterSpec.trainable("V", 2), ParameterSpec.trainable("b", 1))),
                        "delta: parameter 0 is 'V' but the global model has 'W' there" + OTHER_MODEL),
                deltaOf(
                        "count",
                        ModelDelta.zero(layout(ParameterSpec.trainable("W", 2))),
                        "delta: it has 1 parameters but the global model has 2" + OTHER_MODEL),
                deltaOf(
                        "dtype",
                        ModelDelta.zero(new ParameterLayout(DataType.DOUBLE, Toy.LAYOUT.specs())),
                        "delta: its dtype is DOUBLE but the global model's is FLOAT" + OTHER_MODEL),
                row(
                        "round",
                        (self, task) -> new ClientUpdate(self, 2, 0, GOOD, 1, Map.of(), Map.of(), task.objective()),
                        "the update is of round 2; did an old answer arrive late?"),
                row(
                        "client",
                        (self, task) -> ClientUpdate.of(new ClientId("client-2"), task, GOOD, 1),
                        "the update is of client 'client-2'; does the transport mix up clients?"),
                row("no examples", changed(GOOD, 0, Map.of(), Map.of()), "numExamples must be at least 1, but was 0"),
                row(
                        "negative examples",
                        changed(GOOD, -5, Map.of(), Map.of()),
                        "numExamples must be at least 1, but was -5"),
                row(
                        "scalar, the first of two by name",
                        changed(GOOD, 1, Map.of(), Map.of("loss", Double.NaN, "accuracy", Double.NEGATIVE_INFINITY)),
                        "scalar 'accuracy' must be finite, but was -Infinity; did local training diverge?"),
                row(
                        "vector's layout",
                        changed(
                                GOOD,
                                1,
                                Map.of("control", ModelDelta.zero(layout(ParameterSpec.trainable("W", 2)))),
                                Map.of()),
                        "vector 'control': it has 1 parameters but the global model has 2" + OTHER_MODEL),
                row(
                        "vector's values, the first of two by name",
                        changed(
                                GOOD,
                                1,
                                Map.of("y", Toy.delta(0, 0, Double.NaN), "x", Toy.delta(Double.NaN, 0, 0)),
                                Map.of()),
                        "vector 'x' is not finite at coordinate 0, of parameter 'W'" + DIVERGED),
                row("nothing", (self, task) -> null, "train returned null, not an update"));
    }

    static Stream<Long> tooMany() {
        return Stream.of(11L, Long.MAX_VALUE);
    }

    static Stream<Arguments> objectives() {
        ObjectiveSpec proximal = ObjectiveSpec.of("proximal", "mu", 0.01);
        String who = "client 'client-1', round 3: ";
        return Stream.of(
                Arguments.of(
                        proximal,
                        ObjectiveSpec.EMPIRICAL_RISK,
                        who + "trained with 'empirical-risk' but the task asks for 'proximal(mu=0.01)'"),
                Arguments.of(
                        proximal,
                        ObjectiveSpec.of("proximal", "mu", 0.1),
                        who + "trained with 'proximal(mu=0.1)' but the task asks for 'proximal(mu=0.01)'"),
                Arguments.of(
                        ObjectiveSpec.EMPIRICAL_RISK,
                        proximal,
                        who + "trained with 'proximal(mu=0.01)' but the task asks for 'empirical-risk'"));
    }

    private static Arguments deltaOf(String what, ModelDelta delta, String why) {
        return row(what, changed(delta, 1, Map.of(), Map.of()), why);
    }

    private static Arguments row(String what, ScriptedPopulation.Training odd, String why) {
        return Arguments.of(what, odd, "client 'client-1', round 3: " + why);
    }

    private static ScriptedPopulation.Training changed(
            ModelDelta delta, long examples, Map<String, ModelDelta> vectors, Map<String, Double> scalars) {
        return (self, task) ->
                new ClientUpdate(self, task.round(), task.token(), delta, examples, vectors, scalars, task.objective());
    }

    private static ParameterLayout layout(ParameterSpec... specs) {
        return new ParameterLayout(DataType.FLOAT, List.of(specs));
    }

    private static void expect(MeanRule rule, ScriptedPopulation.Training odd, String why) {
        try (FederatedServer server = build(FederatedServer.with(rule), odd)) {
            expect(server, why);
        }
    }

    private static FederatedServer build(ServerBuilder builder, ScriptedPopulation.Training odd) {
        return builder.clients(
                        ScriptedPopulation.of(3, Toy.moves(1, 2, 3)).but(1, odd).but(2, Toy.moves(3, 2, 1)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build();
    }

    private static void expect(FederatedServer server, String why) {
        RoundResult result = server.run(Toy.afterTwoRounds(), 1);

        assertInstanceOf(RoundResult.Advanced.class, result);
        assertEquals(
                List.of("client-0 completed", "client-1 rejected: " + why, "client-2 completed"), Toy.outcomes(result));
        assertEquals(Toy.weights(2, 2, 2), result.state().weights());
    }
}
