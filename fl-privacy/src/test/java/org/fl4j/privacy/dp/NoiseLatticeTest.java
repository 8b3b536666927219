package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps, noise and width of distributed noise; figures of "known answers" were computed with 40 digits from the formulas named. */
class NoiseLatticeTest {

    private static final int MILLION = 1 << 20;

    /** tau of theorem 1 of Kairouz, Liu, Steinke, ICML 2021. */
    @ParameterizedTest
    @CsvSource({"1, 100, 5.4778869906e-4", "1, 1000, 5.7312825775e-4", "1.5, 1000, 2.27020100651e-9"})
    void theKnownAnswersOfTau(double s, int n, double tau) {
        assertEquals(tau, DistributedGaussian.tau(s, n), 1e-10 * tau);
    }

    /** The paper's epsilon of concentrated DP: min(sqrt(D^2/(n s^2) + tau d/2), D/(sqrt(n) s) + tau sqrt(d)). */
    @ParameterizedTest
    @CsvSource({"1, 100, 10, 1, 1.0001369378", "1.5, 1000, 64, 1048576, 1.34924079302"})
    void theKnownAnswersOfConcentratedEpsilon(double s, int n, double shift, int d, double epsilon) {
        double tau = DistributedGaussian.tau(s, n);
        double first = Math.sqrt(shift * shift / (n * s * s) + tau * d / 2);
        double second = shift / (Math.sqrt(n) * s) + tau * Math.sqrt(d);
        assertEquals(epsilon, Math.min(first, second), 1e-10);
    }

    /** The norm after conditional rounding, in units of the clip norm, with the paper's beta. */
    @ParameterizedTest
    @CsvSource({"1.8310546875e-4, 1048576, 1.00448461118", "0.00390625, 16384, 1.03314220343"})
    void theKnownAnswersOfTheNormAfterRounding(double step, int d, double bound) {
        double squares = NoiseLattice.rounded(1 / step, d, Math.exp(-0.5));
        assertEquals(bound, Math.sqrt(squares) * step, 1e-11);
    }

    /** 1,000 clients, 5 % of them colluding, a third dropping out, 2^20 coordinates. */
    @ParameterizedTest
    @CsvSource({"0.5, 16", "1, 17", "2, 18", "4, 19", "8, 20"})
    void aThousandClientsNeedFewBits(double z, int bits) {
        CohortLattice cohort = cohort(lattice(MILLION, z), 1000, 620);
        assertEquals(List.of(bits), cohort.bits());
        assertTrue(cohort.wraps() <= 0x1p-20 && cohort.wraps() > 0, () -> "" + cohort.wraps());
        // Rounding lengthens contributions and adds less than n/4 to the variance of n clients' noise.
        double longer =
                cohort.lattice().l2() / cohort.lattice().segments().get(0).within();
        assertTrue(
                longer * Math.sqrt(1 + 0.25 / cohort.variance()) <= NoiseLattice.INFLATION + 1e-4, () -> "" + longer);
    }

    @Test
    void theNoiseOfTheHonestIsWhatIsCharged() {
        for (int honest : new int[] {1, 7, 620, 100_000}) {
            CohortLattice cohort = cohort(lattice(100_000, 1.5), 2 * honest, honest);
            NoiseLattice lattice = cohort.lattice();
            assertTrue(honest * cohort.variance() >= lattice.deviation() * lattice.deviation() + 4);
            assertTrue(lattice.deviation() >= 1.5 * lattice.l2() * (1 - 1e-15));
            assertTrue(cohort.variance() >= 16 * (1 - 1e-9), () -> "steps of one client: " + cohort.variance());
        }
    }

    /** All segments together are one Gaussian of z, and one that asks for noise of its own gets that. */
    @Test
    void segmentsShareTheNoise() {
        List<Segment> segments = List.of(
                new Segment("delta", 5000, 1, OptionalDouble.of(0x1p-20)),
                new Segment("count", 1, 0.5, OptionalDouble.of(0x1p-16)));
        BoundedRound.Sensitivity sensitivity =
                new BoundedRound.Sensitivity(Map.of("delta", 1.0, "count", 0.5), Map.of("count", 2.0));
        NoiseLattice lattice = NoiseLattice.of(segments, sensitivity, 0.8);
        double ratio = 0;
        for (NoiseLattice.Part part : lattice.segments()) {
            ratio += part.squares() / (lattice.deviation() * lattice.deviation());
        }
        assertEquals(1 / (0.8 * 0.8), ratio, 1e-3);
        assertTrue(ratio <= 1 / (0.8 * 0.8));
        NoiseLattice.Part count = lattice.segments().get(1);
        assertEquals(2.0, count.step() * lattice.deviation(), 0.03);
        assertEquals(0, count.block());
        assertEquals(
                List.of(8192, 1),
                lattice.segments().stream().map(NoiseLattice.Part::length).toList());
    }

    /** Blocks are large, but pad by less than a 32nd where they can. */
    @ParameterizedTest
    @CsvSource({
        "64, 4096, 4096",
        "4097, 8192, 8192",
        "7850, 8192, 8192",
        "159010, 32768, 163840",
        "1048576, 1048576, 1048576"
    })
    void blocksPadLittle(int length, int block, int padded) {
        NoiseLattice.Part part = lattice(length, 1).segments().get(0);
        assertEquals(block, part.block());
        assertEquals(padded, part.length());
    }

    private static NoiseLattice lattice(int length, double z) {
        List<Segment> segments = List.of(new Segment("delta", length, 1, OptionalDouble.of(0x1p-20)));
        return NoiseLattice.of(segments, new BoundedRound.Sensitivity(Map.of("delta", 1.0)), z);
    }

    private static CohortLattice cohort(NoiseLattice lattice, int clients, int honest) {
        return CohortLattice.of(lattice, DistributedGaussian.law(), clients, honest);
    }
}
