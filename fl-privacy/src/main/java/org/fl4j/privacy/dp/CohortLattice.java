package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.dp.NoiseLattice.Part;

/**
 * A {@link NoiseLattice} for a cohort: how much noise each client adds and how wide the ring is.
 *
 * <p>A coordinate of the sum over n clients, whose inputs were fixed before the signs of the rotation, is subgaussian with the
 * parameter v = n^2 D^2 / B + n/4 + n sigma^2, from signs, rounding and noise (Hoeffding, JASA 1963); for Skellam noise up to {@link
 * NoiseLaw#beyondGaussian}. That every rounding was short enough makes no event (1 - beta)^-n times as likely, at most.
 *
 * @param lattice its steps
 * @param clients n
 * @param variance sigma^2, of one client's noise in steps^2
 * @param bits k of each segment: the least for which wraps are as rare as {@link #MOST_WRAPS}
 * @param wraps the probability that a coordinate of the sum leaves [-2^(k-1), 2^(k-1)), at most
 */
record CohortLattice(NoiseLattice lattice, int clients, double variance, List<Integer> bits, double wraps) {

    /** The largest probability of a wrap in a round, 2^-20. */
    static final double MOST_WRAPS = 0x1p-20;

    /** The least noise of a client, in steps: rounding adds less than a 60th of it. */
    static final double LEAST_STEPS = 4;

    /** Above the rounding of the few operations that lead to a variance. */
    private static final double MARGIN = 1 + 0x1p-48;

    /**
     * The lattice for a cohort.
     *
     * @param base for any cohort
     * @param clients n, at least 1
     * @param honest m, the noises that are counted, from 1 to n
     * @throws IllegalArgumentException if no ring is wide enough; the message has the arithmetic
     */
    static CohortLattice of(NoiseLattice base, NoiseLaw law, int clients, int honest) {
        NoiseLattice lattice = base.raisedTo(LEAST_STEPS * Math.sqrt(honest));
        double variance = (lattice.deviation() * lattice.deviation() + law.uncounted()) / honest * MARGIN;
        law.requireCovered(lattice, variance, clients);
        List<Integer> bits = new ArrayList<>();
        double wraps = 0;
        for (Part part : lattice.segments()) {
            double most = MOST_WRAPS * part.length() / lattice.length();
            int k = 2;
            while (wraps(part, law, clients, variance, k) > most) {
                if (++k > Summand.LARGEST_BITS) {
                    throw new IllegalArgumentException(
                            "segment '" + part.segment().name()
                                    + "': integers modulo 2^" + Summand.LARGEST_BITS
                                    + " would wrap in more than one of 2^20 rounds,"
                                    + " with contributions of norm " + part.within() + " steps and noise of "
                                    + Math.sqrt(variance)
                                    + " steps a client; choose a smaller cohort or a lower noise multiplier");
                }
            }
            bits.add(k);
            wraps += wraps(part, law, clients, variance, k);
        }
        return new CohortLattice(lattice, clients, variance, List.copyOf(bits), wraps);
    }

    private static double wraps(Part part, NoiseLaw law, int n, double variance, int k) {
        double noise = n * variance;
        double aligned = n * part.within();
        double limit = Math.scalb(1.0, k - 1) - 1 - (part.isRotated() ? 0 : aligned);
        if (limit <= 0) {
            return 1;
        }
        double v = 0.25 * n + noise + (part.isRotated() ? aligned * aligned / part.block() : 0);
        double l = limit / v;
        double exponent = -0.5 * limit * l + law.beyondGaussian(noise, l) - n * Math.log1p(-NoiseLattice.REPEATED);
        return 2.0 * part.length() * Math.exp(exponent);
    }
}
