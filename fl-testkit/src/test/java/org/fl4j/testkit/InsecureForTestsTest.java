package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.InsecureForTests.Stage;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The test double keeps the promises of the interfaces it stands in for, so that a driver of it is really tested. */
class InsecureForTestsTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(3);
    private static final RoundContext CONTEXT = Fixtures.context(LAYOUT);
    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");
    private static final ClientId EVE = new ClientId("eve");
    private static final List<ClientId> COHORT = List.of(ANN, BOB, EVE);

    private final Map<ClientId, ClientUpdate> updates = new HashMap<>(Map.of(
            ANN, Fixtures.update(ANN, LAYOUT, 1, 1, 2, 3),
            BOB, Fixtures.update(BOB, LAYOUT, 3, 5, 6, 7),
            EVE, Fixtures.update(EVE, LAYOUT, 4, -1, 0, 8)));
    private final Map<ClientId, String> refusals = new LinkedHashMap<>();
    private final List<List<ClientId>> recipients = new ArrayList<>();

    @Test
    void recoversTheWeightedMean() {
        SecureRound.Recovered recovered = recovered(InsecureForTests.on(new TestMean(), 3), COHORT);

        // (1 * [1 2 3] + 3 * [5 6 7] + 4 * [-1 0 8]) / 8 = [12 20 56] / 8
        assertEquals(
                Fixtures.update(ANN, LAYOUT, 1, 1.5, 2.5, 7).delta(),
                recovered.result().aggregate());
        assertEquals(COHORT, recovered.included());
        assertEquals(Map.of(), refusals);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 17, 300})
    void hasTheBitsOfTheRuleItIsAround(int clients) {
        List<ClientId> cohort = ClientId.numbered("client-", clients);
        LinearAggregation direct = new TestMean().begin(CONTEXT).aggregation();
        for (int i = 0; i < clients; i++) {
            ClientUpdate update = Fixtures.randomUpdate(7, i, LAYOUT, ObjectiveSpec.EMPIRICAL_RISK);
            updates.put(cohort.get(i), update);
            direct.add(i, update);
        }

        SecureRound.Recovered recovered = recovered(InsecureForTests.on(new TestMean(), 1), cohort);

        assertEquals(direct.finish(), recovered.result());
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void survivesADropoutInAnyStage(Stage when) {
        InsecureForTests rule = InsecureForTests.on(new TestMean(), 2).disturbedBy((client, stage, answer) -> {
            if (client.equals(BOB) && stage == when) {
                throw new InterruptedException("gone");
            }
            return answer;
        });

        SecureRound.Recovered recovered = recovered(rule, COHORT);

        // Without bob (1 * [1 2 3] + 4 * [-1 0 8]) / 5; gone only after his input, he is in the sum.
        boolean in = when == Stage.UNMASK;
        assertEquals(in ? COHORT : List.of(ANN, EVE), recovered.included());
        ClientUpdate expected = in
                ? Fixtures.update(ANN, LAYOUT, 1, 1.5, 2.5, 7)
                : Fixtures.update(ANN, LAYOUT, 1, -3.0 * 0.2, 2.0 * 0.2, 35.0 * 0.2);
        assertEquals(expected.delta(), recovered.result().aggregate());
        List<List<ClientId>> expectedRecipients = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            expectedRecipients.add(stage.compareTo(when) > 0 ? List.of(ANN, EVE) : COHORT);
        }
        assertEquals(expectedRecipients, recipients);
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void refusesAMalformedAnswerAndNamesTheSender(Stage when) {
        InsecureForTests rule = InsecureForTests.on(new TestMean(), 2)
                .disturbedBy((client, stage, answer) ->
                        client.equals(BOB) && stage == when ? new byte[] {1, 2, 3, 4, 5} : answer);

        SecureRound.Recovered recovered = recovered(rule, COHORT);

        String kind = "insecure-" + when.name().toLowerCase(Locale.ROOT) + "-to-server";
        assertEquals(
                Map.of(
                        BOB,
                        "client 'bob', round 3: " + kind
                                + " of 5 bytes is damaged or not of this library: it does not start with the bytes FL4J"),
                refusals);
        assertEquals(when == Stage.UNMASK ? COHORT : List.of(ANN, EVE), recovered.included());
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void recoversNothingBelowTheThreshold(Stage when) {
        InsecureForTests rule = InsecureForTests.on(new TestMean(), 3).disturbedBy((client, stage, answer) -> {
            if (client.equals(EVE) && stage == when) {
                throw new InterruptedException("gone");
            }
            return answer;
        });

        assertEquals(
                new SecureRound.Unrecovered(
                        "round 3: 2 of 3 clients are left after " + when + " but the threshold is 3"),
                run(rule, COHORT));
        assertEquals(EnumSet.range(Stage.ADVERTISE, when).size(), recipients.size());
    }

    @Test
    void recoversNothingFromACohortBelowTheThreshold() {
        assertEquals(
                new SecureRound.Unrecovered("round 3: 3 of 3 clients are left at the start but the threshold is 4"),
                run(InsecureForTests.on(new TestMean(), 4), COHORT));
        assertEquals(List.of(), recipients);
    }

    @Test
    void refusesAnAnswerOfAnotherClientRoundOrLength() {
        try (SecureRound round = begin()) {
            SecureRound.Stage advertise = round.next().orElseThrow();
            assertEquals(
                    Optional.of("client 'ann', round 3: the answer is of client 'bob', round 3"),
                    advertise.reply(ANN, answer(Stage.ADVERTISE, BOB, 3)));
            assertEquals(
                    Optional.of("client 'bob', round 3: the answer is of client 'bob', round 2"),
                    advertise.reply(BOB, answer(Stage.ADVERTISE, BOB, 2)));
            assertEquals(Optional.empty(), advertise.reply(EVE, answer(Stage.ADVERTISE, EVE, 3)));

            SecureRound.Stage input = round.next().orElseThrow();
            assertEquals(List.of(EVE), input.recipients());
            assertEquals(
                    Optional.of("client 'eve', round 3: its input has 2 coordinates but the rule has 4"),
                    input.reply(EVE, answer(Stage.MASKED_INPUT, EVE, 3, 1, 2)));
        }
    }

    @Test
    void refusesASecondAnswerAndAStranger() {
        try (SecureRound round = begin()) {
            SecureRound.Stage stage = round.next().orElseThrow();
            assertEquals(Optional.empty(), stage.reply(ANN, answer(Stage.ADVERTISE, ANN, 3)));
            assertEquals(
                    Optional.of("client 'ann', round 3: no answer to ADVERTISE is due"),
                    stage.reply(ANN, answer(Stage.ADVERTISE, ANN, 3)));
            ClientId stranger = new ClientId("mallory");
            assertEquals(
                    Optional.of("client 'mallory', round 3: no answer to ADVERTISE is due"),
                    stage.reply(stranger, answer(Stage.ADVERTISE, stranger, 3)));
            assertEquals(
                    "client 'mallory', round 3: it is not a recipient of ADVERTISE",
                    assertThrows(IllegalArgumentException.class, () -> stage.messageFor(stranger))
                            .getMessage());
            assertEquals(
                    "client 'ann', round 3: no answer to ADVERTISE is due, so none is missing",
                    assertThrows(IllegalStateException.class, () -> stage.missing(ANN))
                            .getMessage());
        }
    }

    @Test
    void catchesADriverThatForgetsAClient() {
        try (SecureRound round = begin()) {
            SecureRound.Stage stage = round.next().orElseThrow();
            stage.reply(ANN, answer(Stage.ADVERTISE, ANN, 3));
            stage.missing(BOB);

            assertEquals(
                    "client 'eve', round 3: has neither answered ADVERTISE nor been reported missing",
                    assertThrows(IllegalStateException.class, round::next).getMessage());
        }
    }

    @Test
    void catchesADriverThatFinishesEarlyOrGoesOnAfterClosing() {
        SecureRound round = begin();
        round.next();
        assertEquals(
                "round 3: its protocol is not at its end",
                assertThrows(IllegalStateException.class, round::finish).getMessage());
        round.close();
        assertEquals(
                "round 3 is closed",
                assertThrows(IllegalStateException.class, round::next).getMessage());

        SecureAggregator.Participant ann =
                InsecureForTests.on(new TestMean(), 1).participant(ANN);
        ann.close();
        assertEquals(
                "client 'ann': its half of the round is closed",
                assertThrows(IllegalStateException.class, () -> ann.answer(new byte[0], work(ANN)))
                        .getMessage());
    }

    @Test
    void aParticipantUnmasksOnlyASumItIsIn() throws Exception {
        SecureAggregator.Participant ann =
                InsecureForTests.on(new TestMean(), 1).participant(ANN);
        try (SecureRound round = begin()) {
            ann.answer(round.next().orElseThrow().messageFor(ANN), work(ANN));
        }
        ann.answer(
                InsecureMessages.toClient(Stage.MASKED_INPUT, out -> InsecureMessages.writeIds(out, COHORT)),
                work(ANN));

        byte[] withoutAnn =
                InsecureMessages.toClient(Stage.UNMASK, out -> InsecureMessages.writeIds(out, List.of(BOB)));
        assertEquals(
                "client 'ann' is asked to unmask a sum it is not in",
                assertThrows(IllegalStateException.class, () -> ann.answer(withoutAnn, work(ANN)))
                        .getMessage());
    }

    @Test
    void passesOnWhatTheRuleCarries() {
        LinearAggregator rule = new TestMean();
        InsecureForTests insecure = InsecureForTests.on(rule, 2);

        assertEquals(ObjectiveSpec.EMPIRICAL_RISK, insecure.objective());
        assertEquals(Map.of(), insecure.taskVectors(CONTEXT));
        assertSame(rule.guard(), insecure.guard());
        assertEquals("InsecureForTests[TestMean, threshold=2]", insecure.toString());
        assertEquals(
                "threshold must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> InsecureForTests.on(rule, 0))
                        .getMessage());
    }

    private SecureRound.Recovered recovered(SecureAggregator rule, List<ClientId> cohort) {
        return (SecureRound.Recovered) run(rule, cohort);
    }

    /** The shortest driver: every stage, every recipient in order, an exception being a missing answer. */
    private SecureRound.Outcome run(SecureAggregator rule, List<ClientId> cohort) {
        Map<ClientId, SecureAggregator.Participant> participants = new HashMap<>();
        cohort.forEach(id -> participants.put(id, rule.participant(id)));
        try (SecureRound round = rule.begin(CONTEXT, cohort)) {
            for (Optional<SecureRound.Stage> next = round.next(); next.isPresent(); next = round.next()) {
                SecureRound.Stage stage = next.get();
                recipients.add(stage.recipients());
                for (ClientId id : stage.recipients()) {
                    try {
                        byte[] answer = participants.get(id).answer(stage.messageFor(id), work(id));
                        stage.reply(id, answer).ifPresent(why -> refusals.put(id, why));
                    } catch (Exception e) {
                        stage.missing(id);
                    }
                }
            }
            return round.finish();
        }
    }

    private static SecureRound begin() {
        return InsecureForTests.on(new TestMean(), 1).begin(CONTEXT, COHORT);
    }

    private static byte[] answer(Stage stage, ClientId from, int round, double... values) {
        return InsecureMessages.toServer(
                stage,
                new InsecureMessages.Answer(
                        from, round, DoubleStream.of(values).boxed().toList(), List.of()));
    }

    private SecureAggregator.Participant.LocalWork work(ClientId client) {
        ClientUpdate update = updates.get(client);
        TrainingTask task = new TrainingTask(
                CONTEXT.round(),
                ModelWeights.copyOf(LAYOUT, new double[LAYOUT.length()]),
                LocalTraining.epochs(1),
                ObjectiveSpec.EMPIRICAL_RISK,
                Map.of(),
                0);
        return new SecureAggregator.Participant.LocalWork() {
            @Override
            public TrainingTask task() {
                return task;
            }

            @Override
            public <C> C train(Function<ClientUpdate, C> encode, Supplier<C> zeros) {
                return encode.apply(update);
            }
        };
    }
}
