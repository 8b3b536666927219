package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.GaussianMixture;
import org.fl4j.privacy.accounting.GaussianWithoutReplacement;
import org.fl4j.privacy.accounting.Laplace;
import org.fl4j.privacy.accounting.LatticeNoise;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.accounting.RandomizedResponse;
import org.fl4j.privacy.accounting.VectorSkellam;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A ledger charges, journals and states every kind of event. */
class EventLedgerTest {

    private static final RoundContext EVERYBODY =
            Releases.context(2, 5000, new SamplingScheme.Poisson(1, SamplingScheme.Source.CRYPTOGRAPHIC));
    private static final PrivacyEvent NEAR = new NearGaussian(20, 0.001);
    private static final PrivacyEvent SKELLAM = new VectorSkellam(4e8, 2000, 1000);

    static PrivacyEvent[] events() {
        return new PrivacyEvent[] {
            NEAR, SKELLAM, LatticeNoise.discreteGaussian(40, 2), Laplace.unsampled(20), new RandomizedResponse(3, 0.05)
        };
    }

    @ParameterizedTest
    @MethodSource("events")
    void chargesUntilTheBudgetIsSpent(PrivacyEvent event) {
        PrivacyLedger ledger =
                PrivacyLedger.of(event).within(PrivacyTarget.pure(1).withPrivacyDelta(1e-6));
        PrivacyLossAccountant accountant = PrivacyLossAccountant.create();
        ComponentState state = LedgerState.NONE.write();
        int rounds = 0;
        while (ledger.admit(EVERYBODY, state) instanceof PrivacyBudgetGuard.Granted granted) {
            state = granted.ledger();
            rounds++;
        }

        assertTrue(rounds > 3);
        assertTrue(accountant.epsilon(Composition.of(event, rounds), 1e-6).upper() <= 1);
        assertTrue(accountant.epsilon(Composition.of(event, rounds + 1), 1e-6).upper() > 1);
        PrivacyStatement statement = ledger.statement(state, 1e-6, "a rule");
        assertEquals(Composition.of(event, rounds), statement.againstMembers().releases());
        assertTrue(statement.text().contains("releases: " + rounds + " with " + event.text()), statement.text());
    }

    /** A charge of every kind is as long as any other, so that a journal's records are found by their number. */
    @ParameterizedTest
    @MethodSource("events")
    void chargesAreOfOneLength(PrivacyEvent event) {
        JournalRecord.Charge charge =
                JournalRecord.Charge.after("0".repeat(32), "f".repeat(32), 3, 1, ChargedRelease.unsampled(event));

        assertEquals(JournalRecord.Charge.LENGTH, charge.toBytes().length);
        assertEquals(charge, JournalRecord.Charge.fromBytes(charge.toBytes()));
    }

    @ParameterizedTest
    @MethodSource("events")
    void aJournalHoldsEveryKind(PrivacyEvent event, @TempDir Path folder) {
        PrivacyLedger ledger = PrivacyLedger.of(event)
                .journalOfClients(
                        folder.resolve("journal"), ReleaseJournal.Wanted.NEW, PrivacyStatement.PrivacyModel.LOCAL);
        ClientId client = new ClientId("a");
        ledger.charge(client, 1, 0);
        ledger.charge(client, 2, 0);

        PrivacyStatement reread = PrivacyLedger.of(event)
                .journalOfClients(
                        folder.resolve("journal"),
                        ReleaseJournal.Wanted.OF_THIS_RUN,
                        PrivacyStatement.PrivacyModel.LOCAL)
                .statement(client, PrivacyStatement.PrivacyModel.LOCAL, 1e-6, "a rule");

        assertEquals(Composition.of(event, 2), reread.againstMembers().releases());
        assertTrue(reread.journaled());
    }

    @Test
    void programsReadTheKindAndItsFigures() {
        ComponentState state = new LedgerState(
                        ChargedReleases.NONE
                                .plus(ChargedRelease.unsampled(new NearGaussian(2, 0.25)), 1)
                                .plus(ChargedRelease.unsampled(new VectorSkellam(4, 2, 1)), 2),
                        "")
                .write();
        String json = PrivacyLedger.of(SKELLAM).statement(state, 1e-6, "a rule").json();

        assertTrue(
                json.contains(
                        "\"releases\":[{\"rounds\":1,\"kind\":\"nearGaussian\",\"noiseMultiplier\":2.0,\"logRatio\":0.25},"
                                + "{\"rounds\":2,\"kind\":\"vectorSkellam\",\"variance\":4.0,\"l1\":2.0,\"l2\":1.0}]"),
                json);
    }

    @Test
    void rejectsEventsWithoutAFormAndOfOtherNeighbours() {
        GaussianWithoutReplacement fixed = new GaussianWithoutReplacement(1, 1, 10);
        assertEquals(
                "a ledger must hold events of at most 4 figures whose neighbours differ in a contribution that is replaced by nothing, but"
                        + " was given GaussianWithoutReplacement[noiseMultiplier=1.0, batch=1, population=10]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ChargedRelease.of(fixed, RoundContext.CohortVisibility.SERVER_ONLY))
                        .getMessage());
        GaussianMixture mixture = GaussianMixture.of(1, Map.of(0.0, 0.5, 1.0, 0.5));
        assertThrows(
                IllegalArgumentException.class,
                () -> ChargedRelease.of(mixture, RoundContext.CohortVisibility.SERVER_ONLY));
    }

    @Test
    void onlyAGaussianHasANoiseMultiplier() {
        assertEquals(1.5, PrivacyLedger.of(1.5).noiseMultiplier());
        assertEquals(
                "the ledger must charge a Gaussian, but charges NearGaussian[noiseMultiplier=20.0, logRatio=0.001]",
                assertThrows(
                                IllegalStateException.class,
                                () -> PrivacyLedger.of(NEAR).noiseMultiplier())
                        .getMessage());
        assertInstanceOf(
                PrivacyBudgetGuard.Granted.class, PrivacyLedger.of(NEAR).admit(EVERYBODY, LedgerState.NONE.write()));
    }
}
