package org.fl4j.privacy.audit;

import java.util.Optional;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What guesses about canaries show of a run, whatever was booked.
 *
 * <p>Immutable and thread-safe.
 *
 * @param canaries how many clients were in or out by a fair coin, m
 * @param guesses about how many of them the auditor guessed, r
 * @param right how many guesses were right, v
 * @param rounds how many rounds were scored, abandoned ones included
 * @param confidence of the bound
 * @param privacyDelta of the bound
 * @param estimate of two normals fitted to the scores; empty if fewer than 30 canaries were in or out
 */
public record AuditEvidence(
        int canaries,
        int guesses,
        int right,
        long rounds,
        double confidence,
        double privacyDelta,
        Optional<AuditVerdict.Estimate> estimate) {

    /** A run that is as private as it booked fails with at most this probability: {@value}. */
    public static final double DECISIVE_ERROR = 1e-6;

    private static final Logger LOG = LoggerFactory.getLogger(AuditEvidence.class);
    private static final PrivacyLossAccountant EXACT = PrivacyLossAccountant.create();

    /**
     * The lower bound on epsilon at {@link #privacyDelta}, wrong with a probability of at most 1 - {@link #confidence}.
     *
     * @return at least 0; 0 shows nothing
     */
    public double epsilonAtLeast() {
        return new OneRunBound(canaries, guesses, right, privacyDelta).epsilon(confidence);
    }

    /**
     * Holds the evidence against what the run booked: against outsiders, as an audit sees what they see. A warning is logged where even right guesses
     * throughout could not have refuted that.
     *
     * @param statement of the audited run, at this {@link #privacyDelta}
     * @return the verdict, for the statement
     * @throws IllegalArgumentException if the statement is at another delta, of fewer rounds, or of local privacy
     */
    public AuditVerdict against(PrivacyStatement statement) {
        if (statement.privacyDelta() != privacyDelta) {
            throw new IllegalArgumentException("the statement must be at the audit's privacyDelta of " + privacyDelta
                    + ", but was at " + statement.privacyDelta()
                    + "; it enters the bound, so it is set before the run by PrivacyAudit.privacyDelta");
        }
        if (statement.model() == PrivacyStatement.PrivacyModel.LOCAL) {
            throw new IllegalArgumentException(
                    "the statement must be of central privacy, but was local: it is about what a"
                            + " client sends, and a canary that is out sends nothing");
        }
        if (statement.rounds() < rounds) {
            throw new IllegalArgumentException(
                    "the statement must be of the " + rounds + " rounds that were scored, but was of "
                            + statement.rounds() + "; take the ledger of the run's last state");
        }
        AuditVerdict verdict = new AuditVerdict(
                canaries,
                guesses,
                right,
                rounds,
                bound(statement, privacyDelta, 1 - confidence),
                bound(statement, Math.min(privacyDelta, 1 / (2 / DECISIVE_ERROR * canaries)), DECISIVE_ERROR),
                estimate);
        warn(verdict.decisive());
        return verdict;
    }

    private AuditVerdict.Bound bound(PrivacyStatement statement, double delta, double error) {
        double confidenceOfIt = 1 - error;
        return new AuditVerdict.Bound(
                new OneRunBound(canaries, guesses, right, delta).epsilon(confidenceOfIt),
                new OneRunBound(canaries, guesses, guesses, delta).epsilon(confidenceOfIt),
                EXACT.epsilon(statement.againstOutsiders().releases(), delta).upper(),
                delta,
                confidenceOfIt);
    }

    private void warn(AuditVerdict.Bound decisive) {
        if (decisive.most() <= decisive.booked()) {
            LOG.warn(
                    "the audit could not have failed: {} right guesses of {} about {} canaries show an epsilon of at most {} at delta {},"
                            + " and {} is booked; take more canaries or guesses",
                    guesses,
                    guesses,
                    canaries,
                    decisive.most(),
                    decisive.privacyDelta(),
                    decisive.booked());
        }
    }
}
