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

    /** On few coordinates with little noise the steps are many times as fine as rounding asks, so that a client's noise has some. */
    @ParameterizedTest
    @CsvSource({"1, 0.01, 10000", "64, 0.05, 5000"})
    void everyClientsNoiseHasSteps(int length, double z, int honest) {
        NoiseLattice charged = lattice(length, z);
        assertTrue(charged.deviation() < Math.sqrt(honest), () -> "" + charged.deviation());
        CohortLattice cohort = cohort(charged, 2 * honest, honest);
        assertTrue(cohort.variance() >= 16, () -> "" + cohort.variance());
        assertTrue(cohort.lattice().deviation() >= z * cohort.lattice().l2() * (1 - 1e-15));
    }

    /**
     * The bound of the record, term by term: 2 d (1 - beta)^-n E e^(l X) e^(-l t) at l = t/v, a rotated segment and one that is not.
     * With a bit less it would be too large.
     */
    @ParameterizedTest
    @CsvSource({
        "DistributedGaussian, 0.3, 200",
        "Skellam, 0.3, 200",
        "Skellam, 0.02, 5",
        "DistributedGaussian, 0.02, 16000"
    })
    void theBoundOfWrapsHasAllItsTerms(String name, double z, int n) {
        NoiseLaw law = name.equals("Skellam") ? Skellam.law() : DistributedGaussian.law();
        List<Segment> segments = List.of(
                new Segment("long", 5000, 1, OptionalDouble.of(0x1p-20)),
                new Segment("short", 10, 1, OptionalDouble.of(0x1p-20)));
        NoiseLattice lattice =
                NoiseLattice.of(segments, new BoundedRound.Sensitivity(Map.of("long", 1.0, "short", 1.0)), z);
        CohortLattice cohort = CohortLattice.of(lattice, law, n, (2 * n + 2) / 3);
        double all = 0;
        for (int s = 0; s < 2; s++) {
            NoiseLattice.Part part = cohort.lattice().segments().get(s);
            double allowed = 0x1p-20 * part.length() / cohort.lattice().length();
            int bits = cohort.bits().get(s);
            double wraps = wraps(cohort, part, name, bits);
            assertTrue(wraps <= allowed, wraps + " of " + allowed);
            assertTrue(wraps(cohort, part, name, bits - 1) > allowed, part + " with a bit less");
            all += wraps;
        }
        assertEquals(all, cohort.wraps(), 1e-7 * all);
    }

    private static double wraps(CohortLattice cohort, NoiseLattice.Part part, String law, int bits) {
        int n = cohort.clients();
        double noise = n * cohort.variance();
        boolean rotated = part.segment().name().equals("long");
        double sum = n * part.within();
        double t = Math.pow(2, bits - 1) - 1 - (rotated ? 0 : sum);
        if (t <= 0) {
            return 1;
        }
        double bounded = n / 4.0 + (rotated ? sum * sum / 8192 : 0);
        double l = t / (bounded + noise);
        double moment = law.equals("Skellam") ? noise * (Math.cosh(l) - 1) : noise * l * l / 2;
        double repeated = Math.pow(1 - 0x1p-16, -n);
        return 2 * part.length() * repeated * Math.exp(bounded * l * l / 2 + moment - l * t);
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
        assertEquals(0.8, lattice.counted(), 1e-12);
        assertEquals(Math.sqrt(ratio), lattice.l2() / lattice.deviation(), 1e-12);
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
