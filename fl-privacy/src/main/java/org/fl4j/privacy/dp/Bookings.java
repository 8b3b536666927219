package org.fl4j.privacy.dp;

import java.util.Map;
import org.fl4j.binary.ComponentState;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;

/** What was spent, as a component's state: each kind of event and how often it was booked. */
final class Bookings {

    private static final String KIND = "privacy-ledger";
    private static final int VERSION = 1;
    private static final String MULTIPLIERS = "noise-multipliers";
    private static final String PROBABILITIES = "sampling-probabilities";
    private static final String TIMES = "times";

    private Bookings() {}

    static ComponentState write(Composition spent) {
        int n = spent.events().size();
        double[] multipliers = new double[n];
        double[] probabilities = new double[n];
        double[] times = new double[n];
        int i = 0;
        for (Map.Entry<PrivacyEvent, Long> booking : spent.events().entrySet()) {
            multipliers[i] = booking.getKey().noiseMultiplier();
            probabilities[i] = booking.getKey().samplingProbability();
            times[i] = booking.getValue();
            i++;
        }
        return ComponentState.of(KIND, VERSION)
                .with(MULTIPLIERS, multipliers)
                .with(PROBABILITIES, probabilities)
                .with(TIMES, times);
    }

    static Composition read(ComponentState state) {
        Composition spent = Composition.empty();
        if (state.expect(KIND, VERSION).isEmpty()) {
            return spent;
        }
        double[] multipliers = state.doubles(MULTIPLIERS);
        double[] probabilities = state.doubles(PROBABILITIES);
        double[] times = state.doubles(TIMES);
        for (int i = 0; i < times.length; i++) {
            spent = spent.plus(event(multipliers[i], probabilities[i]), (long) times[i]);
        }
        return spent;
    }

    static PrivacyEvent event(double noiseMultiplier, double samplingProbability) {
        return PrivacyEvent.unsampled(noiseMultiplier).poisson(samplingProbability);
    }

    /** Of two records of one run, one of which may lack the end: the larger count of every event. */
    static Composition union(Composition a, Composition b) {
        return a.plus(missing(b, a));
    }

    /** What a first record has beyond a second. */
    static Composition missing(Composition of, Composition in) {
        Composition missing = Composition.empty();
        for (Map.Entry<PrivacyEvent, Long> booking : of.events().entrySet()) {
            long more = booking.getValue() - in.events().getOrDefault(booking.getKey(), 0L);
            missing = missing.plus(booking.getKey(), Math.max(0, more));
        }
        return missing;
    }
}
