package org.fl4j.privacy.audit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * An audit of one run: what the released global weights themselves show about clients, held against what the run booked.
 *
 * <pre>{@code
 * AuditedRun audit = PrivacyAudit.canaries(1_000).confidence(0.95).begin();
 * FederatedServer server = FederatedServer.with(rule)
 *         .clients(audit.around(population.over(models)))
 *         .listeners(audit)
 *         ...
 * ServerState end = server.run(start, 100).state();
 * PrivacyStatement statement = rule.statement(end.ledger(), 1e-5);
 * AuditVerdict verdict = audit.evidence().against(statement).requirePassed();
 * String text = statement.with(verdict).text();
 * }</pre>
 *
 * <p><b>What it proves.</b> m canaries join the population. Each is in or out by a fair coin; one that is in sends a direction of its own, longer
 * than any clip and as heavy as any cap, one that is out contributes zero. After the run r of the coins are guessed from the released weights. Under an
 * (epsilon, delta)-private rule only so many guesses are right, whatever the directions, the other clients and the guesses are: that is the bound.
 * It holds for every rule, selection and optimizer whose result is the global weights, in the clear and under masks. A run with less noise than
 * booked, or the same noise twice, is refuted; one that passes is not proven.
 *
 * <p><b>What it costs.</b> Each canary takes a client's place: in the cohort, in the public denominator, in the traffic, and under masks in the protocol. Half
 * of them add a vector as long as the clip norm to the sum, in directions without meaning, so accuracy falls. Audit a run with the settings of the one that
 * counts, or accept that. Federated evaluations that select canaries leave them out.
 *
 * <ul>
 *   <li>A canary that the selector does not choose is in all the same, if its coin says so: the amplification that was booked covers it.
 *   <li>A rule that is not private can be audited: nothing was booked, and {@link AuditEvidence#epsilonAtLeast} is large. Its unclipped canaries
 *       move the model far; {@link #ofNorm} and {@link #ofExamples} make them moderate.
 *   <li>Canaries are in the server's JVM; executors of a cluster have none.
 * </ul>
 *
 * <p>Immutable and thread-safe. Privacy: an audit sees what is released, and its coins; it sees no update of a client.
 *
 * <p>Source: Steinke, Nasr, Jagielski, "Privacy Auditing with One (1) Training Run", NeurIPS 2023; canary clients as in Andrew, Kairouz, Oh, Oprea,
 * McMahan, Suresh, "One-shot Empirical Privacy Estimation for Federated Learning", ICLR 2024.
 */
public final class PrivacyAudit {

    /** The confidence of the bound that a statement shows, unless set: {@value}. */
    public static final double DEFAULT_CONFIDENCE = 0.95;

    /** The delta of that bound unless set, which must be the statement's: {@value}. */
    public static final double DEFAULT_PRIVACY_DELTA = 1e-5;

    /** The length of what canaries send, unless set: {@value}, more than any sensible clip norm. */
    public static final double DEFAULT_NORM = 1e4;

    /** How many examples canaries say they have, unless set: {@value}, the highest cap of a rule here. */
    public static final long DEFAULT_EXAMPLES = 1 << 20;

    private static final SecureRandom CRYPTOGRAPHIC = new SecureRandom();

    private final AuditTerms terms;
    private final Optional<Path> file;
    private final LongSupplier words;

    private PrivacyAudit(AuditTerms terms, Optional<Path> file, LongSupplier words) {
        this.terms = terms;
        this.file = file;
        this.words = words;
    }

    /**
     * An audit with so many canaries. Unless {@link #guesses} says otherwise it guesses about 2 sqrt(10 m) of them: 200 of 1,000.
     *
     * @param count m, from 2 to 2^24, and at most as many as the model has trainable coordinates, m raised to a power of two
     * @throws IllegalArgumentException if it is out of range
     */
    public static PrivacyAudit canaries(int count) {
        int even = Math.max(2, count - count % 2);
        int guesses = Math.min(even, 2 * (int) Math.sqrt(10.0 * Math.max(0, count)));
        return new PrivacyAudit(
                new AuditTerms(
                        count,
                        Math.max(2, guesses),
                        DEFAULT_CONFIDENCE,
                        DEFAULT_PRIVACY_DELTA,
                        DEFAULT_NORM,
                        DEFAULT_EXAMPLES),
                Optional.empty(),
                CRYPTOGRAPHIC::nextLong);
    }

    /**
     * Returns a copy with another confidence of the bound that a statement shows. A run fails at {@link AuditEvidence#DECISIVE_ERROR} whatever this is.
     *
     * @param level in (0, 1), such as 0.95
     * @throws IllegalArgumentException if it is out of range
     */
    public PrivacyAudit confidence(double level) {
        return with(new AuditTerms(
                terms.canaries(), terms.guesses(), level, terms.privacyDelta(), terms.norm(), terms.examples()));
    }

    /**
     * Returns a copy that guesses about another number of canaries. It is fixed here, before the run, as the bound demands: few guesses show a large
     * epsilon of few mistakes, many show a small one surely.
     *
     * @param count r, even, at least 2 and at most the canaries
     * @throws IllegalArgumentException if it is odd or out of range
     */
    public PrivacyAudit guesses(int count) {
        return with(new AuditTerms(
                terms.canaries(), count, terms.confidence(), terms.privacyDelta(), terms.norm(), terms.examples()));
    }

    /**
     * Returns a copy for statements at another delta. The bound has a term of 2 m delta: with a delta above r / (40 m) it shows nothing at 95 %.
     *
     * @param delta in (0, 1)
     * @throws IllegalArgumentException if it is out of range
     */
    public PrivacyAudit privacyDelta(double delta) {
        return with(new AuditTerms(
                terms.canaries(), terms.guesses(), terms.confidence(), delta, terms.norm(), terms.examples()));
    }

    /**
     * Returns a copy whose canaries send vectors of another length.
     *
     * @param length above 0; below the clip norm the bound is weaker than it could be
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public PrivacyAudit ofNorm(double length) {
        return with(new AuditTerms(
                terms.canaries(), terms.guesses(), terms.confidence(), terms.privacyDelta(), length, terms.examples()));
    }

    /**
     * Returns a copy whose canaries say they have another number of examples.
     *
     * @param count at least 1; below a rule's cap the bound is weaker than it could be
     * @throws IllegalArgumentException if it is below 1
     */
    public PrivacyAudit ofExamples(long count) {
        return with(new AuditTerms(
                terms.canaries(), terms.guesses(), terms.confidence(), terms.privacyDelta(), terms.norm(), count));
    }

    /**
     * Returns a copy that keeps coins and scores in a file, for a run that is resumed from a checkpoint in another process. It is the auditor's: whoever reads
     * it knows who is in, and it belongs beside no checkpoint that is released.
     *
     * @param where written by {@link #begin} and after each round; if it is there, the audit continues it
     */
    public PrivacyAudit recordedIn(Path where) {
        return new PrivacyAudit(terms, Optional.of(where), words);
    }

    /** For tests: coins and signs from elsewhere. */
    PrivacyAudit tossing(LongSupplier uniform) {
        return new PrivacyAudit(terms, file, uniform);
    }

    private PrivacyAudit with(AuditTerms others) {
        return new PrivacyAudit(others, file, words);
    }

    /**
     * Tosses the coins, from a cryptographic generator, or reads them from the file.
     *
     * @return for one run
     * @throws IllegalArgumentException if the file is of an audit with other settings
     * @throws org.fl4j.CorruptDataException if it is damaged
     * @throws java.io.UncheckedIOException if it cannot be read or written
     */
    public AuditedRun begin() {
        if (file.isPresent() && Files.exists(file.get())) {
            AuditRecord earlier = AuditRecord.load(file.get());
            if (!earlier.terms().equals(terms)) {
                throw new IllegalArgumentException("the audit in " + file.get() + " must continue with its settings, "
                        + earlier.terms() + ", but they were " + terms);
            }
            return new AuditedRun(earlier, file);
        }
        AuditRecord drawn =
                new AuditRecord(terms, CanarySecrets.drawn(terms.canaries(), words), Optional.empty(), List.of());
        file.ifPresent(drawn::save);
        return new AuditedRun(drawn, file);
    }

    @Override
    public String toString() {
        return "PrivacyAudit(" + terms.guesses() + " guesses about " + terms.canaries() + " canaries, confidence "
                + terms.confidence() + ", delta " + terms.privacyDelta() + ")";
    }
}
