package org.fl4j.aggregation.optimizer;

import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;

/** What the parameters of an optimizer may be. */
final class Ranges {

    private Ranges() {}

    static double decay(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1), but was " + value);
        }
        return value;
    }

    static double positive(String name, double value) {
        Check.positive(name, value);
        return value;
    }

    /** A schedule may be the user's own, so what it says is checked round by round. */
    static double rateAt(LearningRateSchedule rates, int round) {
        return positive("round " + round + ": the server's learning rate", rates.at(round));
    }
}
