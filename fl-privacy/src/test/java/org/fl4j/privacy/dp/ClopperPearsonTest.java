package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ClopperPearsonTest {

    /** No hits: the upper bound solves (1 - p)^n = wrong; all hits: p^n = wrong. */
    @Test
    void atTheEndsIsAPower() {
        assertEquals(1 - Math.pow(0.025, 1.0 / 10), ClopperPearson.upper(0, 10, 0.025), 1e-12);
        assertEquals(Math.pow(0.025, 1.0 / 10), ClopperPearson.lower(10, 10, 0.025), 1e-12);
        assertEquals(0, ClopperPearson.lower(0, 10, 0.025));
        assertEquals(1, ClopperPearson.upper(10, 10, 0.025));
    }

    /** For k = 1: upper from (1 - p)^n + n p (1 - p)^(n - 1) = wrong, lower from 1 - (1 - p)^n = wrong. */
    @Test
    void ofOneHitSolvesItsPolynomial() {
        double p = ClopperPearson.upper(1, 30, 1e-3);
        assertEquals(1e-3, Math.pow(1 - p, 30) + 30 * p * Math.pow(1 - p, 29), 1e-12);
        double q = ClopperPearson.lower(1, 30, 1e-3);
        assertEquals(1e-3, 1 - Math.pow(1 - q, 30), 1e-12);
    }

    /**
     * For many, the Wilson-Hilferty form of the chi-square bound of a Poisson mean: k' (1 - 1 / (9 k') + z / (3 sqrt k'))^3 with
     * k' = k + 1 above and k below, z = 5 for 2.867e-7: 318.4 and 166.5 of a million.
     */
    @Test
    void ofManyIsNearThePoisson() {
        double up = 234 * Math.pow(1 - 1 / (9 * 234.0) + 5 / (3 * Math.sqrt(234)), 3);
        double down = 233 * Math.pow(1 - 1 / (9 * 233.0) - 5 / (3 * Math.sqrt(233)), 3);
        assertEquals(up, 1e6 * ClopperPearson.upper(233, 1_000_000, 2.867e-7), 0.5);
        assertEquals(down, 1e6 * ClopperPearson.lower(233, 1_000_000, 2.867e-7), 0.5);
    }
}
