package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.junit.jupiter.api.Test;

class PrivacyStatementTest {

    private static final Composition MIXED =
            Composition.of(PrivacyEvent.unsampled(1.5).poisson(0.25), 7).plus(PrivacyEvent.unsampled(2), 1);
    private static final Composition UNSAMPLED =
            Composition.of(PrivacyEvent.unsampled(1.5), 7).plus(PrivacyEvent.unsampled(2), 1);
    private static final PrivacyLossAccountant.Interval SOME = new PrivacyLossAccountant.Interval(1.23456, 1.23462);
    private static final Optional<PrivacyTarget> BUDGET =
            Optional.of(PrivacyTarget.pure(8).withPrivacyDelta(1e-6));

    @Test
    void textOfACentralRunWithBudgetAndJournal() {
        assertEquals("""
                against members of a cohort: (epsilon, delta)-differential privacy with epsilon between 2.5000 and 2.7500 at delta \
                1.0E-5 after 8 rounds
                against outsiders, who take part in none: (epsilon, delta)-differential privacy with epsilon between 1.2345 and \
                1.2347 at delta 1.0E-5 after 8 rounds
                model: central
                unit: one client, with everything it ever contributed
                adjacency: zero-out: one client's contribution is replaced by nothing; the list of clients is public
                mechanism: exact discrete Gaussian noise on integers, from AES-256-CTR
                rule: a rule
                releases, as members of a cohort see them: 7 with noise multiplier 1.5, no amplification claimed: counted as if \
                every client took part; 1 with noise multiplier 2.0, no amplification claimed: counted as if every client took part
                releases, as outsiders see them: 7 with noise multiplier 1.5, Poisson sampling with probability 0.25 from a cryptographic generator, \
                as long as the cohort and its size stay secret; 1 with noise multiplier 2.0, no amplification claimed: counted as if every \
                client took part
                budget: epsilon 8.0 at delta 1.0E-6, held against members of a cohort
                journal: every round forced to disk before its noise was drawn
                protected: the global weights of every round and of every checkpoint; the rule's metrics, such as the noised \
                clip fraction
                not protected: what the host releases beside: evaluations on client data, their distribution over clients and what they decide about the run if that was revealed, counts, how long rounds took, when tasks of asynchronous rounds arrived, logs, \
                the list of clients; updates in the memory of the server, which is trusted with them unless they are masked where the clients are: those simulated in its process or on a cluster are not protected from it; \
                earlier runs and tuning on the same clients; under masks, whether a round recovered a sum: a client that goes \
                silent or is late may decide it; against outsiders, what a masked round that recovered a sum says of its cohort: \
                that it was large enough, given which a client was sampled with a little more than the stated probability""", central(0).text());
    }

    @Test
    void theBudgetSaysWhomTheHostTrusts() {
        assertTrue(
                central(7)
                        .text()
                        .contains(
                                "\nbudget: epsilon 8.0 at delta 1.0E-6, held against outsiders only in 7 of 8 rounds, whose"
                                        + " cohort members the host declared trusted\n"),
                central(7).text());
    }

    @Test
    void jsonOfACentralRunWithBudgetAndJournal() {
        assertEquals("""
                {"privacyDelta":1.0E-5,"rounds":8,\
                "againstOutsiders":{"epsilonLower":1.23456,"epsilonUpper":1.23462,\
                "releases":[{"rounds":7,"noiseMultiplier":1.5,"samplingProbability":0.25},\
                {"rounds":1,"noiseMultiplier":2.0,"samplingProbability":1.0}]},\
                "againstMembers":{"epsilonLower":2.5,"epsilonUpper":2.75,\
                "releases":[{"rounds":7,"noiseMultiplier":1.5,"samplingProbability":1.0},\
                {"rounds":1,"noiseMultiplier":2.0,"samplingProbability":1.0}]},\
                "roundsThatTrustMembers":7,"model":"central",\
                "unit":"one client, with everything it ever contributed",\
                "adjacency":"zero-out: one client's contribution is replaced by nothing; the list of clients is public",\
                "mechanism":"exact discrete Gaussian noise on integers, from AES-256-CTR","rule":"a rule",\
                "budget":{"epsilon":8.0,"privacyDelta":1.0E-6},"journaled":true,\
                "protected":["the global weights of every round and of every checkpoint",\
                "the rule's metrics, such as the noised clip fraction"],\
                "notProtected":["what the host releases beside: evaluations on client data, their distribution over clients and what they decide about the run if that was revealed, counts, how long rounds took, when tasks of asynchronous rounds arrived, logs, \
                the list of clients",\
                "updates in the memory of the server, which is trusted with them unless they are masked where the clients are: those simulated in its process or on a cluster are not protected from it",\
                "earlier runs and tuning on the same clients",\
                "under masks, whether a round recovered a sum: a client that goes silent or is late may decide it",\
                "against outsiders, what a masked round that recovered a sum says of its cohort: that it was large enough, given \
                which a client was sampled with a little more than the stated probability"]}""", central(7).json());
    }

    @Test
    void textOfALocalRunThatNeverBegan() {
        PrivacyStatement none = local("r", Composition.empty(), new PrivacyLossAccountant.Interval(0, 0));
        assertEquals("""
                against everybody: (epsilon, delta)-differential privacy with epsilon between 0.0000 and 0.0000 at delta 1.0E-5 after 0 rounds
                model: local
                unit: one client, with everything it ever contributed
                adjacency: replace: a client's data are replaced by any other data; the sensitivity is twice the clip norm
                mechanism: exact discrete Gaussian noise on integers, from AES-256-CTR
                rule: r
                releases: none
                budget: none
                journal: none, or not of every round
                protected: the client's update, and all that is computed from it
                not protected: what the host releases beside: evaluations on client data, their distribution over clients and what they decide about the run if that was revealed, counts, how long rounds took, when tasks of asynchronous rounds arrived, logs, \
                the list of clients; that the client took part or failed, and when; earlier runs and tuning on the same \
                clients; rounds whose resulting state was discarded: without a journal these are not counted""", none.text());
        assertTrue(none.json().contains(",\"rounds\":0,"), none.json());
        assertTrue(none.json().contains(",\"releases\":[]}"), none.json());
        assertTrue(none.json().contains(",\"rule\":\"r\",\"budget\":null,\"journaled\":false,"), none.json());
    }

    @Test
    void anAuditIsItsLastLine() {
        AuditVerdict verdict = new AuditVerdict(
                1000,
                200,
                170,
                8,
                new AuditVerdict.Bound(1.23456, 4.16649, 4.377, 1e-5, 0.95),
                new AuditVerdict.Bound(0.5, 2.63384, 6.28883, 5e-10, 0.999999),
                Optional.of(new AuditVerdict.Estimate(4.5, 3.25)));
        PrivacyStatement audited = central(0).with(verdict);
        String cost =
                "each canary took a client's place in cohort, denominator and, under masks, protocol, and what it sent lowers accuracy";

        assertEquals(
                central(0).text()
                        + "\naudit: 170 of 200 guesses about 1000 canaries right after 8 rounds: epsilon is at least 1.2346 of 4.3770"
                        + " booked, at delta 1.0E-5 with confidence 0.95 (4.1665 at most could be shown); epsilon is at least 0.5000 of"
                        + " 6.2888 booked, at delta 5.0E-10 with confidence 0.999999 (2.6338 at most could be shown): passed; two"
                        + " normals: 4.5000, not below 3.2500 with confidence 0.95; " + cost,
                audited.text());
        assertEquals(
                central(0).json().replaceAll("}$", "")
                        + ",\"audit\":{\"canaries\":1000,\"guesses\":200,\"right\":170,\"rounds\":8,\"shown\":{\"epsilon\":1.23456,"
                        + "\"most\":4.16649,\"booked\":4.377,\"privacyDelta\":1.0E-5,\"confidence\":0.95},\"decisive\":{\"epsilon\":0.5,"
                        + "\"most\":2.63384,\"booked\":6.28883,\"privacyDelta\":5.0E-10,\"confidence\":0.999999},\"estimate\":"
                        + "{\"epsilon\":4.5,\"lowerLimit\":3.25},\"passed\":true,\"cost\":\"" + cost + "\"}}",
                audited.json());
    }

    @Test
    void anAuditThatFailedSaysSo() {
        AuditVerdict verdict = new AuditVerdict(
                1000,
                200,
                200,
                2,
                new AuditVerdict.Bound(4.16, 4.16, 1.4, 1e-5, 0.95),
                new AuditVerdict.Bound(2.6338, 2.6338, 2.1, 5e-10, 0.999999),
                Optional.empty());
        PrivacyStatement audited = central(0).with(verdict);

        assertTrue(audited.text().contains("(2.6338 at most could be shown): FAILED; each canary"), audited.text());
        assertTrue(audited.json().contains("\"estimate\":null,\"passed\":false,"), audited.json());
    }

    /** Where there is no bound there is no claim. */
    @Test
    void anInfiniteEpsilonProtectsNothing() {
        PrivacyStatement open = local(
                "r",
                Composition.of(PrivacyEvent.unsampled(0), 1),
                new PrivacyLossAccountant.Interval(2.5, Double.POSITIVE_INFINITY));
        List<String> lines = open.text().lines().toList();

        assertEquals(
                "against everybody: no differential privacy, epsilon between 2.5000 and infinity at delta 1.0E-5 after 1 rounds",
                lines.get(0));
        assertEquals("protected: nothing", lines.get(9));
        assertEquals(List.of(), open.covered());
        assertTrue(open.json().startsWith("{\"privacyDelta\":1.0E-5,\"rounds\":1,"), open.json());
        assertTrue(open.json().contains("{\"epsilonLower\":2.5,\"epsilonUpper\":null,"), open.json());
        assertTrue(open.json().contains(",\"protected\":[],"), open.json());
    }

    /** To four places outward: an upper end that is rounded to nearest would claim more than is true. */
    @Test
    void printedEndsAreOutside() {
        assertEquals(
                "against everybody: (epsilon, delta)-differential privacy with epsilon between 1.9999 and 2.0001 at delta 1.0E-5 after 0 rounds",
                local("r", Composition.empty(), new PrivacyLossAccountant.Interval(1.99999, 2.00001))
                        .text()
                        .lines()
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void jsonEscapesWhatARuleCallsItself() {
        String json = local("a \"b\" \\ c\n\td\u0001 \u00e9", Composition.empty(), SOME)
                .json();

        assertTrue(json.contains(",\"rule\":\"a \\\"b\\\" \\\\ c\\u000a\\u0009d\\u0001 \u00e9\","), json);
    }

    private static PrivacyStatement local(String rule, Composition spent, PrivacyLossAccountant.Interval epsilon) {
        PrivacyStatement.Figure everybody = new PrivacyStatement.Figure(spent, epsilon);
        return new PrivacyStatement(
                PrivacyStatement.PrivacyModel.LOCAL, rule, everybody, everybody, 1e-5, Optional.empty(), 0, false);
    }

    private static PrivacyStatement central(long trustingRounds) {
        return new PrivacyStatement(
                PrivacyStatement.PrivacyModel.CENTRAL,
                "a rule",
                new PrivacyStatement.Figure(MIXED, SOME),
                new PrivacyStatement.Figure(UNSAMPLED, new PrivacyLossAccountant.Interval(2.5, 2.75)),
                1e-5,
                BUDGET,
                trustingRounds,
                true);
    }
}
