package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.DistributedGaussian;
import org.fl4j.privacy.dp.DistributedNoise;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.Skellam;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masked sums to which clients add the noise: what comes out, with dropouts, failures and servers that lie. */
class DistributedNoiseTest {

    private static final int LENGTH = 5000;
    private static final int N = 12;
    private static final double Z = 0.5;

    /** Of 12 clients 8 survive at least. None colludes, as 5 % of 12 rounds to 0, but each of them knows its own noise. */
    private static final int SURVIVORS = 8;

    private static final int COUNTED = 7;

    private static Stream<DistributedNoise> noises() {
        return Stream.of(DistributedGaussian.on(rule(), Z), Skellam.on(rule(), Z));
    }

    private static ClippedMean rule() {
        return ClippedMean.fixed(1).dividingBy(1);
    }

    /** The sum of all, with the noise of all: twelve sevenths of the variance that is charged. */
    @ParameterizedTest
    @MethodSource("noises")
    void theSumHasTheNoiseOfEveryClient(DistributedNoise noise) {
        Drill drill = new Drill(SecureSum.on(noise), N, LENGTH, DistributedNoiseTest::delta);
        assertNoise((double) N / COUNTED, N, drill);
    }

    /** Four clients deal shares and are gone: left is the noise that is charged, and that of one more. */
    @ParameterizedTest
    @MethodSource("noises")
    void theNoiseThatIsChargedIsLeftWhenAsManyDropOutAsMay(DistributedNoise noise) {
        Drill drill = new Drill(SecureSum.on(noise), N, LENGTH, DistributedNoiseTest::delta).over(withoutInputOf(4));
        assertNoise((double) SURVIVORS / COUNTED, SURVIVORS, drill);
    }

    /** With signatures, and with as many dropouts as may be: eight clients sign for each other's noise. */
    @ParameterizedTest
    @MethodSource("noises")
    void theNoiseThatIsChargedIsLeftAgainstAServerThatMayLie(DistributedNoise noise) {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        SecureSum sum = SecureSum.on(noise).malicious(identities, identities);
        assertNoise(
                (double) SURVIVORS / COUNTED,
                SURVIVORS,
                new Drill(sum, N, LENGTH, DistributedNoiseTest::delta).over(withoutInputOf(4)));
        SecureRound.Unrecovered fewer = assertInstanceOf(
                SecureRound.Unrecovered.class,
                new Drill(sum, N, LENGTH, DistributedNoiseTest::delta)
                        .over(withoutInputOf(5))
                        .run(1));
        assertEquals(SecureRound.Cause.TOO_FEW_CLIENTS, fewer.cause());
    }

    /** A rule that goes beyond what it declares, or throws: its client sends noise and nothing else, and nobody hears of it. */
    @ParameterizedTest
    @ValueSource(doubles = {1000, Double.NaN})
    void aRuleThatLiesAboutItsSensitivitySendsNoise(double lie) {
        SecureSum sum = SecureSum.on(DistributedGaussian.on(new LyingRule(rule(), lie), Z));
        Drill drill = new Drill(sum, N, LENGTH, DistributedNoiseTest::delta);
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        assertEquals(Map.of(), drill.failures());
        assertVariance((double) N / COUNTED, recovered.result().aggregate(), new double[LENGTH]);
    }

    /** Encodes by a rule, times a factor that the rule's bounds know nothing of; NaN: throws. */
    private record LyingRule(ClippedMean inner, double lie) implements BoundedAggregator {

        @Override
        public BoundedRound begin(RoundContext context) {
            BoundedRound round = inner.begin(context);
            return new BoundedRound() {
                @Override
                public List<Segment> segments() {
                    return round.segments();
                }

                @Override
                public Sensitivity sensitivity() {
                    return round.sensitivity();
                }

                @Override
                public UpdateEncoder encoder() {
                    return update -> sum -> {
                        if (Double.isNaN(lie)) {
                            throw new IllegalStateException("a client's secret");
                        }
                        Summand once = Summand.zero(round.segments());
                        round.encoder().encode(update).addTo(once);
                        double[] all = once.toArray();
                        for (int i = 0; i < all.length; i++) {
                            all[i] *= lie;
                        }
                        sum.add(all);
                    };
                }

                @Override
                public Aggregation.Result decode(Summand total) {
                    return round.decode(total);
                }
            };
        }
    }

    /** A client that cannot train is no different: it sends noise. */
    @Test
    void clientsWhoseTrainingFailsAddTheirNoise() {
        Drill drill = new Drill(SecureSum.on(DistributedGaussian.on(rule(), Z)), N, LENGTH, client -> {
            throw new IllegalStateException("wrong labels");
        });
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        assertEquals(Map.of(), drill.failures());
        assertVariance((double) N / COUNTED, recovered.result().aggregate(), new double[LENGTH]);
    }

    /** With one more dropout there is no sum, and no client unmasks one. */
    @Test
    void fewerSurvivorsThanCountedEndTheRound() {
        Drill drill = new Drill(SecureSum.on(DistributedGaussian.on(rule(), Z)), N, LENGTH, DistributedNoiseTest::delta)
                .over(withoutInputOf(5));
        SecureRound.Unrecovered unrecovered = assertInstanceOf(SecureRound.Unrecovered.class, drill.run(1));
        assertEquals(SecureRound.Cause.TOO_FEW_CLIENTS, unrecovered.cause());
    }

    /** The clip indicator's segment has noise of its own, and is not rotated. */
    @Test
    void anAdaptiveClipNormHasItsNoise() {
        int rounds = 60;
        double sum = 0;
        double squares = 0;
        AdaptiveClippedMean rule =
                AdaptiveClippedMean.startingAt(1).withCountNoise(2).dividingBy(N);
        SecureSum secure = SecureSum.on(DistributedGaussian.on(rule, Z));
        for (int round = 1; round <= rounds; round++) {
            Drill drill = new Drill(secure, N, 100, client -> new double[100]);
            SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(round));
            // All are within the clip norm: the fraction is 1 and noise.
            double noise = (recovered.result().metrics().get("within") - 1) * N;
            sum += noise;
            squares += noise * noise;
        }
        // Chi-squared over 60 has a long upper tail: beyond seven deviations once in 10^7.
        double variance = 4 * (double) N / COUNTED;
        assertEquals(variance, squares / rounds, 7 * variance * Math.sqrt(2.0 / rounds));
        assertEquals(0, sum / rounds, 6 * Math.sqrt(variance / rounds));
    }

    /** On the complete graph against a malicious server; on a sparse graph against a curious one only. */
    @Test
    void whoCannotCountTheSurvivorsIsNotProtectedAgainstLies() {
        SecureSum sum = SecureSum.on(DistributedGaussian.on(rule(), Z));
        IdentityDirectory directory = id -> Optional.empty();
        String refused = assertThrows(
                        IllegalStateException.class,
                        () -> sum.semiMalicious(directory, IdentityDirectory.Signer.none()))
                .getMessage();
        assertTrue(refused.contains("every client verifies how many survived"), refused);
        sum.malicious(directory, IdentityDirectory.Signer.none());
        sum.onSparseGraph();
    }

    /** Noise, clients and colluding share are terms of the round: who is configured otherwise takes no part. */
    @ParameterizedTest
    @ValueSource(doubles = {0.50001, 1})
    void aClientWithAnotherNoiseRefuses(double other) {
        SecureSum server = SecureSum.on(DistributedGaussian.on(rule(), Z));
        SecureSum client = SecureSum.on(DistributedGaussian.on(rule(), other));
        Drill drill = new Drill(server, id -> id == 0 ? client : server, N, LENGTH, DistributedNoiseTest::delta);
        drill.run(1);
        assertEquals(Set.of(0), drill.failures().keySet());
        assertTrue(
                drill.failures().get(0).contains("terms"),
                () -> drill.failures().get(0));
    }

    /** A cohort of random size that has no lattice is refused without a figure that would tell its size. */
    @Test
    void theSizeOfASampledCohortIsInNoMessage() {
        SecureSum sum = SecureSum.on(Skellam.on(rule(), 500));
        RoundContext context = new RoundContext(
                1,
                Fixtures.layout(LENGTH),
                100,
                new SamplingScheme.Poisson(0.12, SamplingScheme.Source.CRYPTOGRAPHIC),
                ComponentState.EMPTY,
                1);
        List<ClientId> cohort = ClientId.numbered("c", N);
        String refused = assertThrows(IllegalArgumentException.class, () -> sum.begin(context, cohort))
                .getMessage();
        assertEquals(
                "round 1: Skellam(z=500.0) on " + rule()
                        + " has no integers for a cohort of its size; use a lower noise"
                        + " multiplier or cohorts of another size",
                refused);
    }

    /** A setting in which nobody is certain to be honest is refused with the figures. */
    @Test
    void somebodyMustBeHonest() {
        DistributedNoise noise = DistributedGaussian.on(rule(), Z);
        RoundContext context = new RoundContext(
                1, Fixtures.layout(LENGTH), 20, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 1);
        String refused = assertThrows(IllegalArgumentException.class, () -> noise.begin(context, 20, 0))
                .getMessage();
        assertTrue(refused.startsWith("round 1: of a cohort of 20 at least 1 client must be certain"), refused);
    }

    /** k bits a coordinate, where the server's noise needs as many as the sum of all steps; a message has less than 1 % beside. */
    @Test
    void aMessageHasAsManyBitsAsThePlanSays() {
        int length = 1 << 15;
        DistributedNoise noise = DistributedGaussian.on(rule(), Z);
        int bits = noise.begin(
                        new Drill(SecureSum.on(noise), N, length, client -> new double[length]).context(1), N, COUNTED)
                .bits()
                .get(0);
        double distributed = longestInput(SecureSum.on(noise), length);
        double central = longestInput(SecureSum.on(GaussianMechanism.on(rule(), Z)), length);

        assertEquals(bits * length / 8.0, distributed, 0.01 * distributed);
        // 12 contributions of 2^20 steps, and eight deviations of 2^19.
        assertEquals(26 * length / 8.0, central, 0.01 * central);
        assertTrue(bits <= 15, () -> "" + bits);
    }

    private static double longestInput(SecureSum sum, int length) {
        int[] longest = {0};
        Drill drill = new Drill(sum, N, length, client -> new double[length]).over((stage, way, client, message) -> {
            longest[0] = Math.max(longest[0], message.length);
            return Optional.of(message);
        });
        assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        return longest[0];
    }

    private static Drill.Network withoutInputOf(int clients) {
        return (stage, way, client, message) ->
                stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER && client < clients
                        ? Optional.empty()
                        : Optional.of(message);
    }

    private static double[] delta(int client) {
        double[] values = new double[LENGTH];
        values[client] = 2;
        return values;
    }

    private static void assertNoise(double times, int survivors, Drill drill) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        double[] expected = new double[LENGTH];
        for (int client = N - survivors; client < N; client++) {
            expected[client] = 1;
        }
        assertVariance(times, recovered.result().aggregate(), expected);
    }

    /** Five standard deviations of the estimate; rounding lengthens contributions, and so the noise, by 1.05 %. */
    private static void assertVariance(double times, ModelDelta released, double[] expected) {
        double squares = 0;
        for (int i = 0; i < LENGTH; i++) {
            double off = released.get(i) - expected[i];
            squares += off * off;
        }
        double variance = times * Z * Z;
        double estimate = squares / LENGTH;
        double error = 5 * variance * Math.sqrt(2.0 / LENGTH);
        assertTrue(estimate > variance - error, () -> estimate + " < " + variance);
        assertTrue(estimate < 1.03 * variance + error, () -> estimate + " > " + variance);
    }
}
