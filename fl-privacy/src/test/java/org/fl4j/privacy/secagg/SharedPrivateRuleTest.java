package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** A private rule among servers: the release of the masked sum, the same treatment of failures, and reports that count nobody. */
class SharedPrivateRuleTest {

    private static final int N = 5;
    private static final int LENGTH = 7;

    private static double[] values(int client) {
        DeterministicRandom random = new DeterministicRandom(client);
        return IntStream.range(0, LENGTH)
                .mapToDouble(i -> random.nextGaussian() / 4)
                .toArray();
    }

    private static LinearAggregator rule() {
        return SeededNoise.on(
                AdaptiveClippedMean.startingAt(1).withCountNoise(3).dividingBy(4), 1.1, 5);
    }

    @Test
    void releasesWhatTheMaskedSumReleases() {
        SecureRound.Recovered masked = assertInstanceOf(
                SecureRound.Recovered.class,
                new Drill(SecureSum.on(rule()), N, LENGTH, SharedPrivateRuleTest::values).run(1));
        SecureRound.Recovered shared = assertInstanceOf(
                SecureRound.Recovered.class,
                new SharedDrill(SharedSum.on(rule()), 3, N, LENGTH, SharedPrivateRuleTest::values).run(1));

        assertEquals(masked.result().aggregate(), shared.result().aggregate());
        assertEquals(masked.result().metrics(), shared.result().metrics());
        assertEquals(masked.included(), shared.included());
    }

    /** Whether it fails depends on its data: it shares zeros, and the server cannot tell. */
    @Test
    void aClientThatFailsSharesZeros() {
        double[] zeros = new double[LENGTH];
        SharedDrill failing = new SharedDrill(SharedSum.on(rule()), 2, N, LENGTH, client -> {
            if (client == 2) {
                throw new IllegalStateException("no data");
            }
            return client == 3 ? zeros : values(client);
        });
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, failing.run(1));

        assertEquals(N, recovered.included().size());
        assertEquals(Map.of(), failing.failures);
        assertEquals(List.of(), failing.rejections);
    }

    @Test
    void reasonsNameAndCountNobody() {
        SharedDrill short1 = new SharedDrill(
                        SharedSum.on(rule()).ofAtLeast(4), 2, N, LENGTH, SharedPrivateRuleTest::values)
                .over((leg, who, number, message) ->
                        leg == SharedDrill.Leg.FROM_CLIENT && who < 2 ? Optional.empty() : Optional.of(message));
        SharedDrill lost = new SharedDrill(SharedSum.on(rule()), 2, N, LENGTH, SharedPrivateRuleTest::values)
                .over((leg, who, number, message) ->
                        leg == SharedDrill.Leg.TO_HOLDER && number == 2 ? Optional.empty() : Optional.of(message));

        assertEquals(
                new SecureRound.Unrecovered(
                        SecureRound.Cause.TOO_FEW_CLIENTS, "round 1: too few clients were left to recover their sum"),
                short1.run(1));
        assertEquals(
                new SecureRound.Unrecovered(
                        SecureRound.Cause.LOST_SERVER,
                        "round 1: a server that holds a part of the sum did not answer as it must"),
                lost.run(1));
    }

    /** Poisson cohorts are sometimes too small: no mistake of the host, and one fixed sentence. */
    @Test
    void aDrawnCohortThatIsTooSmall() {
        RoundContext context = new RoundContext(
                3,
                Fixtures.layout(LENGTH),
                100,
                new SamplingScheme.Poisson(0.01, SamplingScheme.Source.CRYPTOGRAPHIC),
                ComponentState.EMPTY,
                1);
        try (SecureRound round = SharedSum.on(rule()).begin(context, List.of(Fixtures.client(0)))) {
            assertEquals(Optional.empty(), round.next());
            assertEquals(
                    new SecureRound.Unrecovered(
                            SecureRound.Cause.TOO_FEW_CLIENTS,
                            "round 3: too few clients were left to recover their sum"),
                    round.finish());
        }
    }

    /** Sizes that the host chose are its mistake; the message of a private rule does not count. */
    @Test
    void aChosenCohortThatIsTooSmallOrTooLarge() {
        RoundContext context = new RoundContext(
                3, Fixtures.layout(LENGTH), 3, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 1);
        List<ClientId> three = List.of(Fixtures.client(0), Fixtures.client(1), Fixtures.client(2));

        assertEquals(
                "round 3: the cohort is smaller than SharedSum's .ofAtLeast(...) allows",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SharedSum.on(rule()).ofAtLeast(4).begin(context, three))
                        .getMessage());
        assertEquals(
                "round 3: the cohort is larger than SharedSum's .ofAtMost(...) allows; raise it, at the clients and the other servers as"
                        + " well, or choose smaller cohorts",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SharedSum.on(rule()).ofAtMost(2).begin(context, three))
                        .getMessage());
    }

    /** Before it is charged: every round would be, and fail. */
    @Test
    void anExpectedCohortThatIsTooLargeIsNotCharged() {
        RoundContext context = new RoundContext(
                1,
                Fixtures.layout(LENGTH),
                1000,
                new SamplingScheme.Poisson(0.5, SamplingScheme.Source.CRYPTOGRAPHIC),
                ComponentState.EMPTY,
                1);
        SharedSum rule =
                SharedSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1)).ofAtMost(400);

        assertEquals(
                "round 1: the expected cohort of Poisson[probability=0.5, source=CRYPTOGRAPHIC] is larger than SharedSum's .ofAtMost(...) allows; raise it,"
                        + " at the clients as well, or choose smaller cohorts",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> rule.guard().orElseThrow().admit(context, ComponentState.EMPTY))
                        .getMessage());
    }
}
