package org.fl4j.privacy.dp;

import java.util.Locale;
import java.util.Optional;
import org.fl4j.FederatedLearningException;

/**
 * What an audit of a run says of the epsilon that its statement claims: lower bounds from guesses about canaries, against upper ends of what was
 * booked. Made by {@code org.fl4j.privacy.audit}; {@link PrivacyStatement#with} puts it into the statement.
 *
 * <p>A run that did not pass is not as private as booked, but for one honest run in a million. One that passed was not refuted, which is no
 * proof; {@link Bound#most} is the most that so many guesses can show.
 *
 * <p>Immutable and thread-safe.
 *
 * @param canaries how many clients were in or out by a fair coin
 * @param guesses about how many of them the auditor guessed, fixed before the run
 * @param right how many guesses were right
 * @param rounds how many rounds were scored
 * @param shown at the confidence that was asked for, at the statement's delta
 * @param decisive at confidence 1 - 1e-6, at a delta so small that its term does not outweigh that
 * @param estimate of two normals; empty where too few canaries were in or out
 */
public record AuditVerdict(
        int canaries, int guesses, int right, long rounds, Bound shown, Bound decisive, Optional<Estimate> estimate) {

    private static final String COST =
            "each canary took a client's place in cohort, denominator and, under masks, protocol, and what it sent lowers"
                    + " accuracy";

    /**
     * A lower bound and what it is held against.
     *
     * @param epsilon refuted with the confidence, at least 0
     * @param most what the bound were if every guess was right
     * @param booked the certified upper end of what the run booked, against outsiders
     * @param privacyDelta the delta of both
     * @param confidence in (0, 1)
     */
    public record Bound(double epsilon, double most, double booked, double privacyDelta, double confidence) {

        /** Whether what was booked is refuted. */
        public boolean isViolated() {
            return epsilon > booked;
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "epsilon is at least %.4f of %.4f booked, at delta %s with confidence %s (%.4f at most could be shown)",
                    epsilon,
                    booked,
                    privacyDelta,
                    confidence,
                    most);
        }

        String json() {
            return "{\"epsilon\":" + number(epsilon) + ",\"most\":" + number(most) + ",\"booked\":" + number(booked)
                    + ",\"privacyDelta\":" + number(privacyDelta) + ",\"confidence\":" + number(confidence) + "}";
        }
    }

    /**
     * The epsilon of two normals fitted to the scores of canaries that were in and out. It assumes that scores are normal, and decides nothing.
     *
     * @param epsilon of the fit, at the statement's delta
     * @param lowerLimit with the confidence of {@link AuditVerdict#shown}, for large samples
     */
    public record Estimate(double epsilon, double lowerLimit) {}

    /** Whether the decisive bound does not refute what was booked. */
    public boolean isPassed() {
        return !decisive.isViolated();
    }

    /**
     * Returns this verdict if it {@linkplain #isPassed passed}.
     *
     * @throws AuditFailedException if it did not
     */
    public AuditVerdict requirePassed() {
        if (!isPassed()) {
            throw new AuditFailedException("the run is not as private as it booked: " + right + " of " + guesses
                    + " guesses about " + canaries + " canaries were right, so " + decisive.text()
                    + "; do not release it, and look for noise that is too small, drawn twice or left out");
        }
        return this;
    }

    String text() {
        return right + " of " + guesses + " guesses about " + canaries + " canaries right after " + rounds
                + " rounds: " + shown.text() + "; " + decisive.text() + ": " + (isPassed() ? "passed" : "FAILED")
                + estimate.map(e -> String.format(
                                Locale.ROOT,
                                "; two normals: %.4f, not below %.4f with confidence %s",
                                e.epsilon(),
                                e.lowerLimit(),
                                shown.confidence()))
                        .orElse("")
                + "; " + COST;
    }

    String json() {
        return "{\"canaries\":" + canaries + ",\"guesses\":" + guesses + ",\"right\":" + right + ",\"rounds\":" + rounds
                + ",\"shown\":" + shown.json() + ",\"decisive\":" + decisive.json() + ",\"estimate\":"
                + estimate.map(e -> "{\"epsilon\":" + number(e.epsilon()) + ",\"lowerLimit\":" + number(e.lowerLimit())
                                + "}")
                        .orElse("null")
                + ",\"passed\":" + isPassed() + ",\"cost\":\"" + COST + "\"}";
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }

    /** An audit refuted the epsilon that a run booked. */
    public static final class AuditFailedException extends FederatedLearningException {

        private static final long serialVersionUID = 1;

        AuditFailedException(String message) {
            super(message);
        }
    }
}
