package org.fl4j.privacy.dp;

import java.util.Arrays;
import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.state.ComponentState;

/**
 * What a run's state carries of its privacy ledger.
 *
 * @param booked how often each kind of release was booked
 * @param journal the hash of the last round in the run's journal; empty without one
 */
record LedgerState(BookedReleases booked, String journal) {

    static final LedgerState NONE = new LedgerState(BookedReleases.NONE, "");

    private static final String KIND = "privacy-ledger";
    private static final int VERSION = 2;
    private static final String MULTIPLIERS = "noise-multipliers";
    private static final String PROBABILITIES = "sampling-probabilities";
    private static final String COHORTS = "cohorts-known-to";
    private static final String TIMES = "times";
    private static final String JOURNAL = "journal";

    ComponentState write() {
        int n = booked.counts().size();
        double[] multipliers = new double[n];
        double[] probabilities = new double[n];
        double[] times = new double[n];
        byte[] cohorts = new byte[n];
        int i = 0;
        for (var booking : booked.counts().entrySet()) {
            multipliers[i] = booking.getKey().event().noiseMultiplier();
            probabilities[i] = booking.getKey().event().samplingProbability();
            cohorts[i] = (byte) code(booking.getKey().cohort());
            times[i] = booking.getValue();
            i++;
        }
        return ComponentState.of(KIND, VERSION)
                .with(MULTIPLIERS, multipliers)
                .with(PROBABILITIES, probabilities)
                .with(COHORTS, cohorts)
                .with(TIMES, times)
                .with(JOURNAL, journal);
    }

    static LedgerState read(ComponentState state) {
        BookedReleases booked = BookedReleases.NONE;
        if (state.expect(KIND, VERSION).isEmpty()) {
            return NONE;
        }
        double[] multipliers = state.doubles(MULTIPLIERS);
        double[] probabilities = state.doubles(PROBABILITIES);
        double[] times = state.doubles(TIMES);
        byte[] cohorts = state.bytes(COHORTS);
        for (int i = 0; i < times.length; i++) {
            booked = booked.plus(release(multipliers[i], probabilities[i], cohorts[i]), (long) times[i]);
        }
        return new LedgerState(booked, state.text(JOURNAL));
    }

    /** The journal's records use the same codes. */
    static int code(CohortVisibility cohort) {
        return switch (cohort) {
            case SERVER_ONLY -> 0;
            case TRUSTED_MEMBERS -> 1;
            case MEMBERS -> 2;
            case EVERYBODY -> 3;
        };
    }

    static BookedRelease release(double noiseMultiplier, double samplingProbability, int cohort) {
        CohortVisibility known = Arrays.stream(CohortVisibility.values())
                .filter(visibility -> code(visibility) == cohort)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no cohort visibility has the code " + cohort));
        return new BookedRelease(PrivacyEvent.unsampled(noiseMultiplier).poisson(samplingProbability), known);
    }
}
