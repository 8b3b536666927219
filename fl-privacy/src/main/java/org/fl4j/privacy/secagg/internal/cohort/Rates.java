package org.fl4j.privacy.secagg.internal.cohort;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The shares of a cohort that may collude and drop out, and how many clients they are. A rate means the decimal number that it
 * prints as.
 *
 * @param adversarialRate gamma, in [0, 1)
 * @param dropoutRate delta, in [0, 1)
 */
public record Rates(double adversarialRate, double dropoutRate) {

    /** floor(gamma n). */
    public int adversaries(int n) {
        return share(adversarialRate, n, RoundingMode.FLOOR);
    }

    /** floor(delta n). */
    int dropouts(int n) {
        return share(dropoutRate, n, RoundingMode.FLOOR);
    }

    /** ceil(delta n). */
    int dropoutsRoundedUp(int n) {
        return share(dropoutRate, n, RoundingMode.CEILING);
    }

    private static int share(double rate, int n, RoundingMode rounding) {
        return BigDecimal.valueOf(rate)
                .multiply(BigDecimal.valueOf(n))
                .setScale(0, rounding)
                .intValueExact();
    }

    /** gamma + times delta, exactly. */
    BigDecimal adversariesPlusDropouts(int times) {
        return BigDecimal.valueOf(adversarialRate)
                .add(BigDecimal.valueOf(dropoutRate).multiply(BigDecimal.valueOf(times)));
    }

    @Override
    public String toString() {
        return "adversarialRate " + adversarialRate + " and dropoutRate " + dropoutRate;
    }
}
