package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.Interval;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.junit.jupiter.api.Test;

class PrivacyStatementTest {

    private static final Composition MIXED =
            Composition.of(PrivacyEvent.unsampled(1.5).poisson(0.25), 7).plus(PrivacyEvent.unsampled(2), 1);
    private static final Interval SOME = new Interval(1.23456, 1.23462);
    private static final Optional<PrivacyTarget> BUDGET =
            Optional.of(PrivacyTarget.pure(8).withPrivacyDelta(1e-6));

    @Test
    void textOfACentralRunWithBudgetAndJournal() {
        assertEquals("""
                (epsilon, delta)-differential privacy with epsilon between 1.2345 and 1.2347 at delta 1.0E-5 after 8 rounds
                model: central
                unit: one client, with everything it ever contributed
                adjacency: zero-out: one client's contribution is replaced by nothing; the list of clients is public
                mechanism: exact discrete Gaussian noise on integers, from AES-256-CTR
                rule: a rule
                releases: 7 with noise multiplier 1.5, Poisson sampling with probability 0.25 from a cryptographic generator, \
                as long as the cohort and its size stay secret; 1 with noise multiplier 2.0, no amplification claimed: counted as if every \
                client took part
                budget: epsilon 8.0 at delta 1.0E-6
                journal: every round forced to disk before its noise was drawn
                protected: the global weights of every round and of every checkpoint; the rule's metrics, such as the noised \
                clip fraction
                not protected: what the host releases beside: evaluations on client data, counts, how long rounds took, logs, \
                the list of clients; updates in the memory of the server, which is trusted with them unless they are masked; \
                earlier runs and tuning on the same clients""", new PrivacyStatement(PrivacyModel.CENTRAL, "a rule", MIXED, 1e-5, SOME, BUDGET, true).text());
    }

    @Test
    void jsonOfACentralRunWithBudgetAndJournal() {
        assertEquals("""
                {"epsilonLower":1.23456,"epsilonUpper":1.23462,"privacyDelta":1.0E-5,"rounds":8,"model":"central",\
                "unit":"one client, with everything it ever contributed",\
                "adjacency":"zero-out: one client's contribution is replaced by nothing; the list of clients is public",\
                "mechanism":"exact discrete Gaussian noise on integers, from AES-256-CTR","rule":"a rule",\
                "releases":[{"rounds":7,"noiseMultiplier":1.5,"samplingProbability":0.25},\
                {"rounds":1,"noiseMultiplier":2.0,"samplingProbability":1.0}],\
                "budget":{"epsilon":8.0,"privacyDelta":1.0E-6},"journaled":true,\
                "protected":["the global weights of every round and of every checkpoint",\
                "the rule's metrics, such as the noised clip fraction"],\
                "notProtected":["what the host releases beside: evaluations on client data, counts, how long rounds took, logs, \
                the list of clients",\
                "updates in the memory of the server, which is trusted with them unless they are masked",\
                "earlier runs and tuning on the same clients"]}""", new PrivacyStatement(PrivacyModel.CENTRAL, "a rule", MIXED, 1e-5, SOME, BUDGET, true).json());
    }

    @Test
    void textOfALocalRunThatNeverBegan() {
        PrivacyStatement none = local("r", Composition.empty(), new Interval(0, 0));
        assertEquals("""
                (epsilon, delta)-differential privacy with epsilon between 0.0000 and 0.0000 at delta 1.0E-5 after 0 rounds
                model: local
                unit: one client, with everything it ever contributed
                adjacency: replace: a client's data are replaced by any other data; the sensitivity is twice the clip norm
                mechanism: exact discrete Gaussian noise on integers, from AES-256-CTR
                rule: r
                releases: none
                budget: none
                journal: none, or not of every round
                protected: the client's update, and all that is computed from it
                not protected: what the host releases beside: evaluations on client data, counts, how long rounds took, logs, \
                the list of clients; that the client took part or failed, and when; earlier runs and tuning on the same \
                clients; rounds whose state was lost or not gone on from: without a journal they are not counted""", none.text());
        assertTrue(none.json().contains(",\"rounds\":0,"), none.json());
        assertTrue(none.json().contains(",\"releases\":[],\"budget\":null,\"journaled\":false,"), none.json());
    }

    /** Where there is no bound there is no claim. */
    @Test
    void anInfiniteEpsilonProtectsNothing() {
        PrivacyStatement open =
                local("r", Composition.of(PrivacyEvent.unsampled(0), 1), new Interval(2.5, Double.POSITIVE_INFINITY));
        List<String> lines = open.text().lines().toList();

        assertEquals(
                "no differential privacy: epsilon between 2.5000 and infinity at delta 1.0E-5 after 1 rounds",
                lines.get(0));
        assertEquals("protected: nothing", lines.get(9));
        assertEquals(List.of(), open.covered());
        assertTrue(open.json().startsWith("{\"epsilonLower\":2.5,\"epsilonUpper\":null,"), open.json());
        assertTrue(open.json().contains(",\"protected\":[],"), open.json());
    }

    /** To four places outward: an upper end that is rounded to nearest would claim more than is true. */
    @Test
    void printedEndsAreOutside() {
        assertEquals(
                "(epsilon, delta)-differential privacy with epsilon between 1.9999 and 2.0001 at delta 1.0E-5 after 0 rounds",
                local("r", Composition.empty(), new Interval(1.99999, 2.00001))
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

    private static PrivacyStatement local(String rule, Composition spent, Interval epsilon) {
        return new PrivacyStatement(PrivacyModel.LOCAL, rule, spent, 1e-5, epsilon, Optional.empty(), false);
    }
}
