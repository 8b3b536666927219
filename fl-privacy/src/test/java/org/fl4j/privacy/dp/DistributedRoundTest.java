package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicBoolean;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client sends under distributed noise, and what the server makes of the sum. */
class DistributedRoundTest {

    private static final int LENGTH = 6000;
    private static final ClippedMean RULE = ClippedMean.fixed(1).dividingBy(1);

    /** Dense, sparse, aligned with the grid, far beyond the clip norm, and so small that all is rounding. */
    @Test
    void noContributionIsLongerThanItsBound() {
        DeterministicRandom random = new DeterministicRandom(5);
        DistributedRound round = round(1, 10, 7, (out, bits) -> {});
        long squares = round.cohort().lattice().segments().get(0).squares();
        long longest = 0;
        for (int trial = 0; trial < 200; trial++) {
            double[] values = new double[LENGTH];
            for (int i = 0; i < (trial % 4 == 0 ? 1 : LENGTH); i++) {
                values[i] = (trial % 5 == 0 ? 1e-7 : 1) * random.nextGaussian();
            }
            double[] sent = sent(round, update(trial, values));
            long sum = 0;
            for (double value : sent) {
                assertEquals(Math.rint(value), value);
                sum += (long) (value * value);
            }
            longest = Math.max(longest, sum);
            assertTrue(sum <= squares, "trial " + trial);
        }
        assertTrue(longest > 0.98 * squares, longest + " of " + squares);
    }

    /** The mean over roundings of one vector is the vector: five standard deviations of the mean of 400, in 6,000 coordinates. */
    @Test
    void roundingHasNoBias() {
        DeterministicRandom random = new DeterministicRandom(6);
        double[] values = new double[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            values[i] = 0.01 * random.nextGaussian();
        }
        int trials = 400;
        double[] mean = new double[LENGTH];
        double step = 0;
        for (int trial = 0; trial < trials; trial++) {
            DistributedRound round = round(1, 10, 7, (out, bits) -> {});
            step = round.cohort().lattice().segments().get(0).step();
            Summand sum = Summand.zero(round.segments());
            round.encoder().encode(update(trial, values)).addTo(sum);
            ModelDelta decoded = round.decode(sum).aggregate();
            for (int i = 0; i < LENGTH; i++) {
                mean[i] += decoded.get(i) / trials;
            }
        }
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(values[i], mean[i], 5 * 0.5 * step / Math.sqrt(trials) + 1e-6);
        }
    }

    /** Noise of a client has the variance it is to have, whatever it contributes: five standard deviations of a variance's estimate. */
    @ParameterizedTest
    @ValueSource(strings = {"DistributedGaussian", "Skellam"})
    void everyClientAddsItsNoise(String name) {
        NoiseLaw law = name.equals("Skellam") ? Skellam.law() : DistributedGaussian.law();
        DistributedRound noiseless = round(1, 10, 7, (out, bits) -> {});
        double variance = noiseless.cohort().variance();
        DistributedRound round = round(1, 10, 7, law.sampler(variance));
        ClientUpdate update = update(1, new double[LENGTH]);
        for (double[] sent : List.of(sent(round, update), sentNothing(round))) {
            double estimate = Arrays.stream(sent).map(x -> x * x).sum() / sent.length;
            assertEquals(variance, estimate, 5 * variance * Math.sqrt(2.0 / sent.length));
            assertTrue(Math.abs(Arrays.stream(sent).sum() / sent.length) < 5 * Math.sqrt(variance / sent.length));
        }
    }

    /** All clients alike, as long as they may be, along one axis: no coordinate of the rotated sum leaves the ring. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void alignedClientsDoNotWrap(int axis) {
        int clients = 200;
        DistributedRound round =
                round(0.2, clients, 120, DistributedGaussian.law().sampler(16));
        double[] values = new double[LENGTH];
        values[axis * 1000] = 5;
        Summand sum = Summand.zero(round.segments());
        for (int client = 0; client < clients; client++) {
            round.encoder().encode(update(client, values)).addTo(sum);
        }
        double half = Math.scalb(1.0, round.bits().get(0) - 1);
        double largest = Arrays.stream(sum.toArray()).map(Math::abs).max().orElseThrow();
        assertTrue(largest < half, () -> largest + " of " + half);
        assertEquals(clients, round.decode(sum).aggregate().get(axis * 1000), 0.02 * clients);
    }

    /** A residue stands for every number that is the same modulo 2^k. */
    @Test
    void contributionsAreResidues() {
        DistributedRound round = round(1, 2, 1, (out, bits) -> Arrays.fill(out, 1L << 40));
        double half = Math.scalb(1.0, round.bits().get(0) - 1);
        for (double value : sentNothing(round)) {
            assertEquals(0, value);
        }
        DistributedRound beyond = round(1, 2, 1, (out, bits) -> Arrays.fill(out, (long) half));
        for (double value : sentNothing(beyond)) {
            assertEquals(-half, value);
        }
    }

    /** Two segments with the same contribution: each has a rotation and noise of its own. */
    @Test
    void everySegmentIsRotatedAndNoisedByItself() {
        TwoSegments inner = new TwoSegments(5000);
        NoiseLattice lattice = NoiseLattice.of(inner.segments(), inner.sensitivity(), 1);
        CohortLattice cohort = CohortLattice.of(lattice, DistributedGaussian.law(), 10, 7);
        NoiseLaw.Sampler sampler = DistributedGaussian.law().sampler(cohort.variance());
        double[][] plain = halves(of(inner, cohort, (out, bits) -> {}), true);
        double[][] noise = halves(of(inner, cohort, sampler), false);
        double alike = 0;
        double alikeNoise = 0;
        for (int i = 0; i < plain[0].length; i++) {
            alike += plain[0][i] * plain[1][i];
            alikeNoise += noise[0][i] * noise[1][i];
        }
        // Five deviations of a product's sum.
        double most = 5 / Math.sqrt(plain[0].length);
        assertTrue(Math.abs(alike) < most * Math.sqrt(squares(plain[0]) * squares(plain[1])));
        assertTrue(Math.abs(alikeNoise) < most * Math.sqrt(squares(noise[0]) * squares(noise[1])));
        for (double[] half : noise) {
            double variance = squares(half) / half.length;
            assertEquals(cohort.variance(), variance, 5 * cohort.variance() * Math.sqrt(2.0 / half.length));
        }
    }

    private static double squares(double[] values) {
        return Arrays.stream(values).map(x -> x * x).sum();
    }

    private static double[][] halves(DistributedRound round, boolean contributes) {
        double[] all = contributes ? sent(round, update(1, new double[LENGTH])) : sentNothing(round);
        return new double[][] {Arrays.copyOf(all, all.length / 2), Arrays.copyOfRange(all, all.length / 2, all.length)};
    }

    private static DistributedRound of(BoundedRound inner, CohortLattice cohort, NoiseLaw.Sampler sampler) {
        return new DistributedRound(
                inner, inner.encoder(), cohort, () -> sampler, 3, () -> AesCtrBits.insecure(1), "DistributedGaussian");
    }

    private record TwoSegments(int length) implements BoundedRound {

        @Override
        public List<Segment> segments() {
            return List.of(segment("a"), segment("b"));
        }

        private Segment segment(String name) {
            return new Segment(name, length, 1, OptionalDouble.of(0x1p-20));
        }

        @Override
        public Sensitivity sensitivity() {
            double norm = 100 * Math.sqrt(length) * 0x1p-20;
            return new Sensitivity(Map.of("a", norm, "b", norm));
        }

        @Override
        public UpdateEncoder encoder() {
            double[] steps = new double[length];
            Arrays.fill(steps, 100);
            return update -> sum -> {
                sum.add("a", steps);
                sum.add("b", steps);
            };
        }

        @Override
        public Aggregation.Result decode(Summand total) {
            throw new UnsupportedOperationException("not here");
        }
    }

    @Test
    void bothEndsHaveTheSameTerms() {
        NoiseLaw.Sampler none = (out, bits) -> {};
        assertEquals(round(1, 10, 7, none).terms(), round(1, 10, 7, none).terms());
        List<String> terms = new ArrayList<>(List.of(
                round(1, 10, 7, none).terms(),
                round(2, 10, 7, none).terms(),
                round(1, 11, 7, none).terms(),
                round(1, 10, 6, none).terms()));
        assertEquals(4, terms.stream().distinct().count());
    }

    private static double[] sent(DistributedRound round, ClientUpdate update) {
        Summand sum = Summand.zero(round.segments());
        round.encoder().encode(update).addTo(sum);
        return sum.toArray();
    }

    private static double[] sentNothing(DistributedRound round) {
        Summand sum = Summand.zero(round.segments());
        round.nothing().addTo(sum);
        return sum.toArray();
    }

    private static ClientUpdate update(int client, double[] values) {
        return new ClientUpdate(
                new ClientId("c" + client),
                1,
                0,
                ModelDelta.of(Fixtures.layout(LENGTH), values),
                1,
                Map.of(),
                Map.of(),
                ObjectiveSpec.EMPIRICAL_RISK);
    }

    private static DistributedRound round(double z, int clients, int honest, NoiseLaw.Sampler sampler) {
        RoundContext context = Releases.context(LENGTH, clients);
        BoundedRound inner = RULE.begin(context);
        NoiseLattice lattice = NoiseLattice.of(inner.segments(), inner.sensitivity(), z);
        return new DistributedRound(
                inner,
                BoundedEncoder.of(RULE, inner, new AtomicBoolean()),
                CohortLattice.of(lattice, DistributedGaussian.law(), clients, honest),
                () -> sampler,
                context.encodingSeed(),
                () -> AesCtrBits.insecure(1),
                "DistributedGaussian");
    }
}
