package org.fl4j.privacy.accounting;

import java.util.Arrays;

/**
 * A symmetric law on the whole numbers whose logarithm is concave: its masses, to about {@code 2^-43} relative, up to where they are below 1e-280.
 *
 * <p>Sums of such laws are such laws. What is not stored is bounded by the geometric series that the last two masses give, since the ratio of
 * neighbours falls.
 */
final class LatticeLaw {

    private static final double LEAST = 1e-290;
    private static final double LEAST_OF_SUM = 1e-280;

    /** Of 0, 1, 2, ... */
    private final double[] mass;

    private LatticeLaw(double[] mass) {
        this.mass = mass;
    }

    /**
     * The discrete Gaussian, e^(-k^2 / (2 sigma^2)) over its sum (Canonne, Kamath, Steinke, NeurIPS 2020).
     *
     * @param sigma above 0
     */
    static LatticeLaw discreteGaussian(double sigma) {
        int last = (int) Math.ceil(sigma * Math.sqrt(-2 * Math.log(LEAST)));
        double[] mass = new double[last + 1];
        for (int k = 0; k <= last; k++) {
            mass[k] = Math.exp(-0.5 * (k / sigma) * (k / sigma));
        }
        return new LatticeLaw(mass).normalized();
    }

    /**
     * Skellam noise, e^-mu I_k(mu). Ratios of neighbors are {@code I_k / I_(k-1) = 1 / (2k/mu + I_(k+1) / I_k)}, from above down, where errors
     * of the start die out, in double-double precision (Gautschi, SIAM Review 9, 1967).
     *
     * @param mu the variance, above 0
     */
    static LatticeLaw skellam(double mu) {
        int most = (int) Math.ceil(40 * Math.sqrt(mu)) + 200;
        int start = most + (int) Math.ceil(3 * Math.sqrt(mu)) + 100;
        DoubleDouble[] ratio = new DoubleDouble[most + 1];
        DoubleDouble above = new DoubleDouble(0, 0);
        for (int k = start; k >= 1; k--) {
            above = DoubleDouble.quotient(2.0 * k, mu).plus(above).reciprocal();
            if (k <= most) {
                ratio[k] = above;
            }
        }
        double[] mass = new double[most + 1];
        DoubleDouble product = new DoubleDouble(1, 0);
        mass[0] = 1;
        int last = 0;
        while (last < most && mass[last] >= LEAST) {
            product = product.times(ratio[last + 1]);
            mass[++last] = product.high();
        }
        return new LatticeLaw(Arrays.copyOf(mass, last + 1)).normalized();
    }

    private LatticeLaw normalized() {
        Sum sum = new Sum();
        for (int k = mass.length - 1; k > 0; k--) {
            sum.add(2 * mass[k]);
        }
        sum.add(mass[0]);
        double[] share = new double[mass.length];
        for (int k = 0; k < mass.length; k++) {
            share[k] = mass[k] / sum.total();
        }
        return new LatticeLaw(share);
    }

    /** The law of the sum of independent values of both. */
    LatticeLaw plus(LatticeLaw other) {
        int most = last() + other.last();
        double[] sum = new double[most + 1];
        int last = -1;
        for (int k = 0; k <= most && (k == 0 || sum[k - 1] >= LEAST_OF_SUM); k++) {
            Sum terms = new Sum();
            for (int j = Math.max(-last(), k - other.last()); j <= Math.min(last(), k + other.last()); j++) {
                terms.add(mass[Math.abs(j)] * other.mass[Math.abs(k - j)]);
            }
            sum[k] = terms.total();
            last = sum[k] >= LEAST_OF_SUM ? k : last;
        }
        return new LatticeLaw(Arrays.copyOf(sum, last + 1));
    }

    /** The law of the sum of n independent values. */
    LatticeLaw times(long n) {
        LatticeLaw power = this;
        LatticeLaw sum = null;
        for (long left = n; left > 0; left >>= 1) {
            if ((left & 1) == 1) {
                sum = sum == null ? power : sum.plus(power);
            }
            if (left > 1) {
                power = power.plus(power);
            }
        }
        return sum == null ? new LatticeLaw(new double[] {1}) : sum;
    }

    /** The largest number whose mass is stored. */
    int last() {
        return mass.length - 1;
    }

    /** The mass of a number of at most {@link #last} in modulus. */
    double mass(int k) {
        return mass[Math.abs(k)];
    }

    /** At least the mass of all numbers above one that is not negative. */
    double above(int k) {
        Sum sum = new Sum();
        for (int i = last(); i > k; i--) {
            sum.add(mass[i]);
        }
        double ratio = last() == 0 ? 0 : mass[last()] / mass[last() - 1];
        return (sum.total() + mass[last()] * ratio / (1 - ratio)) * (1 + 0x1p-40);
    }

    /** A sum whose rounding errors are carried along (Kahan), so that it is off by two unit roundoffs. */
    private static final class Sum {

        private double sum;
        private double error;

        void add(double term) {
            double corrected = term - error;
            double next = sum + corrected;
            error = next - sum - corrected;
            sum = next;
        }

        double total() {
            return sum;
        }
    }
}
