package org.fl4j.privacy.dp;

import org.fl4j.binary.ComponentState;

/**
 * The state of one account of a {@link PrivacyLedger}: a run's, which the run's state carries, or a client's.
 *
 * @param charged how often each release was charged
 * @param journal the hash of the account's last charge in the journal; empty without one
 */
record LedgerState(ChargedReleases charged, String journal) {

    static final LedgerState NONE = new LedgerState(ChargedReleases.NONE, "");

    private static final String KIND = "privacy-ledger";
    private static final int VERSION = 2;
    private static final String MULTIPLIERS = "noise-multipliers";
    private static final String PROBABILITIES = "sampling-probabilities";
    private static final String COHORTS = "cohorts-known-to";
    private static final String TIMES = "times";
    private static final String JOURNAL = "journal";

    ComponentState write() {
        int n = charged.counts().size();
        double[] multipliers = new double[n];
        double[] probabilities = new double[n];
        double[] times = new double[n];
        byte[] cohorts = new byte[n];
        int i = 0;
        for (var charge : charged.counts().entrySet()) {
            multipliers[i] = charge.getKey().event().noiseMultiplier();
            probabilities[i] = charge.getKey().event().samplingProbability();
            cohorts[i] = (byte) charge.getKey().cohortCode();
            times[i] = charge.getValue();
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
        if (state.expect(KIND, VERSION).isEmpty()) {
            return NONE;
        }
        double[] multipliers = state.doubles(MULTIPLIERS);
        double[] probabilities = state.doubles(PROBABILITIES);
        double[] times = state.doubles(TIMES);
        byte[] cohorts = state.bytes(COHORTS);
        ChargedReleases charged = ChargedReleases.NONE;
        for (int i = 0; i < times.length; i++) {
            charged = charged.plus(
                    ChargedRelease.ofCode(multipliers[i], probabilities[i], cohorts[i]), (long) times[i]);
        }
        return new LedgerState(charged, state.text(JOURNAL));
    }
}
