package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.objective.QFedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.secure.SecureRound;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What a user reads who puts a rule under masks for the first time. */
class SecureSumMessagesTest {

    private static final FixedPoint EIGHT = FixedPoint.within(8);
    private static final IdentityDirectory.Simulated IDENTITIES = new IdentityDirectory.Simulated();

    static Stream<Arguments> misconfigured() {
        SecureSum uniform = SecureSum.on(FedAvg.uniform(), EIGHT);
        return Stream.of(
                Arguments.of(
                        SecureSum.on(FedAvg.uniform()),
                        "segment 'delta' has neither a grid nor a bound; state the largest coordinate of a delta by"
                                + " FixedPoint.within(...)"),
                Arguments.of(
                        SecureSum.on(FedAvg.byExamples(), EIGHT),
                        "segment 'weight' has no bound; state the largest weight of a client by FixedPoint's"
                                + " .weighingAtMost(...), or choose a rule whose weights are capped"),
                Arguments.of(SecureSum.on(FedNova.byExamples(), EIGHT.weighingAtMost(7)), needsANumber("steps")),
                Arguments.of(SecureSum.on(Scaffold.on(FedAvg.uniform()), EIGHT), needsANumber("control")),
                Arguments.of(SecureSum.on(QFedAvg.withFairness(1), EIGHT), needsANumber("step")),
                Arguments.of(
                        SecureSum.on(Scaffold.uniform(), EIGHT.segment("controls", EIGHT)),
                        "numbers are stated for segment 'controls', but the rule's segments without a grid are [clients,"
                                + " control, delta, weight]"),
                Arguments.of(
                        SecureSum.on(FedAvg.uniform(), EIGHT.resolution(0x1p-48)),
                        "segment 'delta': 6 clients x 2,251,799,813,685,248 steps of 2^-48 = 13,510,798,882,111,488 steps"
                                + " need 55 bits, but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54"
                                + " bits; choose a coarser resolution, a smaller range, a lower weight cap or a smaller"
                                + " cohort"),
                Arguments.of(
                        uniform.tolerating(new DropoutTolerance(0.1, 0.44)).malicious(IDENTITIES, IDENTITIES),
                        "no threshold withstands MALICIOUS adversaries among n = 6 clients with adversarialRate gamma ="
                                + " 0.1 and dropoutRate delta = 0.44: floor(gamma n) = 0, ceil(delta n) = 3, so it must be"
                                + " at least max(2, floor((n + floor(gamma n)) / 2) + 1) = 4 and at most n - ceil(delta n)"
                                + " = 3; use more clients or lower rates"),
                Arguments.of(
                        uniform.ofAtLeast(7),
                        "a masked sum must be over at least 7 clients, but was 6; SecureSum's .ofAtLeast(...) sets the"
                                + " bound"));
    }

    private static String needsANumber(String segment) {
        return "segment '" + segment + "' has no bound, and that of a delta says nothing about it; state the largest"
                + " coordinate of a client's contribution, its weight in the rule included, by FixedPoint's .segment(\""
                + segment + "\", FixedPoint.within(...))";
    }

    @ParameterizedTest
    @MethodSource("misconfigured")
    void whatCannotBeMaskedIsRefusedBeforeAnybodyTrains(SecureSum rule, String message) {
        PointFederation clients = new PointFederation().losing((round, client) -> {
            throw new AssertionError("nobody is to train");
        });
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> clients.run(rule, PointFederation.START, 1))
                        .getMessage());
    }

    /** SCAFFOLD's control variate is 80 kB here; clients get it with their task, and encode without it. */
    @Test
    void anAnnouncementCarriesNoStateOfTheRule() {
        ParameterLayout layout = new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("w", 10_000)));
        ComponentState control = ComponentState.of("scaffold", 1).with("control", new double[10_000]);
        RoundContext context = new RoundContext(2, layout, 6, new SamplingScheme.EveryClient(), control, 1);
        List<ClientId> cohort = ClientId.numbered("client-", 6);
        FixedPoint numbers = FixedPoint.within(8).segment("control", FixedPoint.within(8));
        SecureSum rule = SecureSum.on(Scaffold.uniform(), numbers);

        try (SecureRound round = rule.begin(context, cohort)) {
            int bytes = round.next().orElseThrow().messageFor(cohort.get(0)).length;
            assertTrue(bytes < 1_000, () -> bytes + " bytes");
        }
    }

    @Test
    void ratesThatFitNoCohortAreRefusedAtOnce() {
        SecureSum tolerant = SecureSum.on(FedAvg.uniform(), EIGHT).tolerating(new DropoutTolerance(0.1, 0.45));
        assertEquals(
                "infeasible tolerance: adversarialRate + 2 * dropoutRate must be < 1 against a MALICIOUS server, but was 0.1 +"
                        + " 2 * 0.45",
                assertThrows(IllegalArgumentException.class, () -> tolerant.malicious(IDENTITIES, IDENTITIES))
                        .getMessage());
        assertEquals(
                "infeasible tolerance: adversarialRate + dropoutRate must be < 1 against a CURIOUS server, but was 0.5 + 0.5",
                assertThrows(IllegalArgumentException.class, () -> tolerant.tolerating(new DropoutTolerance(0.5, 0.5)))
                        .getMessage());
    }

    @Test
    void aClientOutOfRangeIsRejectedWithoutItsValueAndTheRoundGoesOn() {
        PointFederation clients = new PointFederation();
        RoundResult.Advanced result = assertInstanceOf(
                RoundResult.Advanced.class,
                clients.run(
                        SecureSum.on(FedAvg.uniform(), FixedPoint.within(1).resolution(0x1p-40)),
                        PointFederation.START,
                        1));

        assertEquals(
                List.of("client-0", "client-2", "client-3", "client-4"),
                result.report().completed().stream().map(ClientId::value).toList());
        assertEquals(outOfRange("client-1", "delta", "1.0"), why(result.report().outcomes(), 1));
        assertEquals(outOfRange("client-5", "delta", "1.0"), why(result.report().outcomes(), 5));
        RoundResult others = new PointFederation()
                .losing((round, client) -> client == 1 || client == 5)
                .run(FedAvg.uniform(), PointFederation.START, 1);
        for (int j = 0; j < PointFederation.DIMENSION; j++) {
            assertEquals(
                    others.state().weights().get(j), result.state().weights().get(j), 0x1p-40);
        }
    }

    @Test
    void aClientThatWeighsTooMuchIsRejected() {
        RoundResult.Advanced result = assertInstanceOf(
                RoundResult.Advanced.class,
                new PointFederation()
                        .run(SecureSum.on(FedAvg.byExamples(), EIGHT.weighingAtMost(6)), PointFederation.START, 1));

        assertEquals(
                "client 'client-5', round 1: segment 'weight': under masks a client's weight must be at most 6.0, but this"
                        + " one's is not; is the largest weight that FixedPoint states, by .weighingAtMost(...), too small?",
                why(result.report().outcomes(), 5));
        assertEquals(5, result.report().completed().size());
    }

    static Stream<Arguments> tooSmallForAll() {
        return Stream.of(
                Arguments.of(SecureSum.on(FedAvg.uniform(), FixedPoint.within(0.01)), "0.01"),
                // Its deltas are weighted by loss and step size: the range of a plain one is far too small.
                Arguments.of(
                        SecureSum.on(QFedAvg.withFairness(1), EIGHT.segment("step", FixedPoint.within(1 << 16))),
                        "8.0"));
    }

    @ParameterizedTest
    @MethodSource("tooSmallForAll")
    void aRangeThatIsTooSmallForAllAbandonsTheRoundAndSaysSo(SecureSum rule, String range) {
        assertEquals(
                "round 1: 0 of 6 clients are left after MASKED_INPUT but the threshold is 4; the first that was lost is "
                        + outOfRange("client-0", "delta", range),
                abandoned(rule, new PointFederation()).reason());
    }

    @Test
    void tooFewSurvivorsAbandonTheRoundWithTheThreshold() {
        RoundResult.Abandoned result = abandoned(
                SecureSum.on(FedAvg.uniform(), EIGHT),
                new PointFederation().losing((round, client) -> client > 0 && client < 4));

        assertEquals(
                "round 1: 3 of 6 clients are left after MASKED_INPUT but the threshold is 4; the first that was lost is"
                        + " client 'client-1' failed: java.io.IOException: away",
                result.reason());
        assertEquals(
                "client 'client-0', round 1: no sum was recovered",
                why(result.report().outcomes(), 0));
    }

    @Test
    void aPrivateRulesReasonHasNoCountsAndNoNames() {
        SecureSum secret = SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1));
        PointFederation federation = new PointFederation();
        ClientProvider all = federation.clients();
        List<ClientId> gone = all.ids().subList(1, 4);
        ClientProvider some = ClientProvider.of(all.ids(), id -> {
            if (gone.contains(id)) {
                throw new IllegalStateException(id + " does not answer");
            }
            return all.client(id);
        });
        RoundResult.Abandoned result = assertInstanceOf(RoundResult.Abandoned.class, federation.run(secret, some, 1));

        assertEquals("round 1: too few clients were left to recover their sum", result.reason());
        assertEquals(List.of(), result.report().outcomes());
        assertInstanceOf(
                RoundResult.Advanced.class,
                new PointFederation()
                        .losing((round, client) -> client > 0 && client < 4)
                        .run(secret, PointFederation.START, 1),
                "who cannot train stays");
    }

    @Test
    void aCohortThatHappenedToBeTinyIsAFailedRound() {
        SecureSum open = SecureSum.on(FedAvg.uniform(), EIGHT);
        SecureSum secret = SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1));

        assertEquals("round 1: the selector chose none of 6 clients", happening(0, open));
        assertEquals(
                "round 1: a masked sum must be over at least 2 clients, but was 1; SecureSum's .ofAtLeast(...) sets the bound",
                happening(1, open));
        assertEquals(
                "round 1: no threshold withstands CURIOUS adversaries among n = 2 clients with adversarialRate gamma ="
                        + " 0.05 and dropoutRate delta = 0.33: floor(gamma n) = 0, ceil(delta n) = 1, so it must be at"
                        + " least max(2, floor(gamma n) + 1) = 2 and at most n - ceil(delta n) = 1; use more clients or"
                        + " lower rates",
                happening(2, open));
        for (int size = 0; size < 3; size++) {
            assertEquals("round 1: too few clients were left to recover their sum", happening(size, secret));
        }
        assertInstanceOf(
                RoundResult.Advanced.class,
                new PointFederation().selector(poisson(3)).run(secret, PointFederation.START, 1));
    }

    private static String happening(int size, SecureSum rule) {
        return abandoned(rule, new PointFederation().selector(poisson(size))).reason();
    }

    /** Coins that fell so that the first few are in. */
    private static ClientSelector poisson(int size) {
        return new ClientSelector() {

            @Override
            public ClientSelector.Selection select(ClientSelector.Context context) {
                return ClientSelector.Selection.of(context.population().subList(0, size));
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.Poisson(0.3, SamplingScheme.Source.CRYPTOGRAPHIC);
            }
        };
    }

    private static RoundResult.Abandoned abandoned(SecureSum rule, PointFederation clients) {
        return assertInstanceOf(RoundResult.Abandoned.class, clients.run(rule, PointFederation.START, 1));
    }

    private static String outOfRange(String client, String segment, String range) {
        return "client '" + client + "', round 1: segment '" + segment + "': under masks every coordinate of a client's"
                + " contribution, its weight in the rule included, must be in [-" + range + ", " + range
                + "], but one is not; is the range that FixedPoint states too small, or did the client's model diverge?";
    }

    private static String why(List<ClientOutcome<ClientUpdate.Receipt>> outcomes, int client) {
        return assertInstanceOf(ClientOutcome.Rejected.class, outcomes.get(client))
                .reason();
    }
}
