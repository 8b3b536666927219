package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Optional;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class PrivacyAuditTest {

    private static final PrivacyAudit AUDIT = PrivacyAudit.canaries(10);

    @ParameterizedTest
    @CsvSource({"1000, 200", "100, 62", "10, 10", "11, 10", "2, 2", "50000, 1414"})
    void guessesAboutTwiceTheRootOfTenTimesTheCanaries(int canaries, int guesses) {
        assertEquals(
                "PrivacyAudit(" + guesses + " guesses about " + canaries + " canaries, confidence 0.95, delta 1.0E-5)",
                PrivacyAudit.canaries(canaries).toString());
    }

    @Test
    void rejectsBadInput() {
        rejects("canaries must be from 2 to 2^24, but was 1", () -> PrivacyAudit.canaries(1));
        rejects("canaries must be from 2 to 2^24, but was -5", () -> PrivacyAudit.canaries(-5));
        rejects("guesses must be even, at least 2 and at most the 10 canaries, but was 12", () -> AUDIT.guesses(12));
        rejects("guesses must be even, at least 2 and at most the 10 canaries, but was 7", () -> AUDIT.guesses(7));
        rejects("guesses must be even, at least 2 and at most the 10 canaries, but was 0", () -> AUDIT.guesses(0));
        rejects("confidence must be > 0 and < 1, but was 1.0", () -> AUDIT.confidence(1));
        rejects("confidence must be > 0 and < 1, but was 0.0", () -> AUDIT.confidence(0));
        rejects("confidence must be > 0 and < 1, but was NaN", () -> AUDIT.confidence(Double.NaN));
        rejects("privacyDelta must be > 0 and < 1, but was 0.0", () -> AUDIT.privacyDelta(0));
        rejects("norm must be > 0 and < infinity, but was 0.0", () -> AUDIT.ofNorm(0));
        rejects("examples must be at least 1, but was 0", () -> AUDIT.ofExamples(0));
    }

    @Test
    void rejectsAStatementThatIsNotOfTheAuditedRun() {
        rejects(
                "the statement must be at the audit's privacyDelta of 1.0E-5, but was at 1.0E-6; it enters the bound, so it is set"
                        + " before the run by PrivacyAudit.privacyDelta",
                () -> evidence(200).against(statement(PrivacyStatement.PrivacyModel.CENTRAL, 1e-6, 1)));
        rejects(
                "the statement must be of central privacy, but was local: it is about what a client sends, and a canary that is"
                        + " out sends nothing",
                () -> evidence(200).against(statement(PrivacyStatement.PrivacyModel.LOCAL, 1e-5, 1)));
        rejects(
                "the statement must be of the 1 rounds that were scored, but was of 0; take the ledger of the run's last state",
                () -> evidence(200).against(statement(PrivacyStatement.PrivacyModel.CENTRAL, 1e-5, 0)));
    }

    /** z = 1 books 6.29 at 5e-10, and 200 right guesses are worth 2.63. */
    @Test
    void warnsWhereItCouldNotHaveFailed() {
        Logger logger = (Logger) LoggerFactory.getLogger(AuditEvidence.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        AuditVerdict verdict;
        try {
            verdict = evidence(200).against(statement(PrivacyStatement.PrivacyModel.CENTRAL, 1e-5, 1));
            new AuditEvidence(1000, 200, 200, 1, 0.95, 1e-5, Optional.empty()).against(tiny());
        } finally {
            logger.detachAppender(events);
        }

        assertTrue(verdict.isPassed());
        assertEquals(1, events.list.size());
        assertTrue(
                events.list
                        .get(0)
                        .getFormattedMessage()
                        .matches(
                                "the audit could not have failed: 200 right guesses of 200 about 1000 canaries show an epsilon of at most"
                                        + " 2\\.63\\d* at delta 5\\.0E-10, and 6\\.2\\d* is booked; take more canaries or guesses"),
                () -> events.list.get(0).getFormattedMessage());
    }

    @Test
    void aRunThatIsRefutedFails() {
        AuditVerdict verdict = evidence(200).against(tiny());
        String message = assertThrows(AuditVerdict.AuditFailedException.class, verdict::requirePassed)
                .getMessage();

        assertTrue(
                message.matches(
                        "the run is not as private as it booked: 200 of 200 guesses about 1000 canaries were right, so epsilon is at"
                                + " least 2\\.63\\d\\d of 0\\.\\d{4} booked, at delta \\S+ with confidence 0\\.999999 \\(2\\.63\\d\\d at"
                                + " most could be shown\\); do not release it, and look for noise that is too small, drawn twice or left"
                                + " out"),
                message);
    }

    private static AuditEvidence evidence(int right) {
        return new AuditEvidence(1000, 200, right, 1, 0.95, 1e-5, Optional.empty());
    }

    private static PrivacyStatement tiny() {
        return statement(PrivacyStatement.PrivacyModel.CENTRAL, 1e-5, 20, 1);
    }

    private static PrivacyStatement statement(PrivacyStatement.PrivacyModel model, double delta, int rounds) {
        return statement(model, delta, 1, rounds);
    }

    private static PrivacyStatement statement(
            PrivacyStatement.PrivacyModel model, double delta, double noise, int rounds) {
        PrivacyStatement.Figure figure = new PrivacyStatement.Figure(
                Composition.of(PrivacyEvent.unsampled(noise), rounds), new PrivacyLossAccountant.Interval(4.37, 4.38));
        return new PrivacyStatement(model, "a rule", figure, figure, delta, Optional.empty(), 0, false);
    }

    private static void rejects(String message, Executable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }

    @Test
    void everySettingIsKept() {
        AuditTerms terms = PrivacyAudit.canaries(20)
                .guesses(6)
                .confidence(0.9)
                .privacyDelta(1e-7)
                .ofNorm(3)
                .ofExamples(5)
                .begin()
                .record()
                .terms();

        assertEquals(new AuditTerms(20, 6, 0.9, 1e-7, 3, 5), terms);
        assertEquals(
                List.of(1, -1, -1, 1, -1, 1, 1, -1),
                java.util.stream.IntStream.rangeClosed(1, 8)
                        .mapToObj(Tally::sign)
                        .toList());
    }

    /** There by (2, -1), counted as it is; back by (1, 4), counted as what canaries sent with the other sign. */
    @Test
    void roundsAddUpWithTheirSigns() {
        Tally two = new Tally(0, 0, new double[2], new double[] {1, 1})
                .next(new double[] {3, 0})
                .next(new double[] {4, 4});

        assertArrayEquals(new double[] {1, -5}, two.sums());
        assertArrayEquals(new double[] {1, -5}, two.next(new double[] {4, 4}).sums());
        assertEquals(2, two.round());
        assertEquals(2, two.scored());
    }
}
