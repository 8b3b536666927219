package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** A cohort that is too large is the host's mistake, and no round that too few took part in; a private rule counts nobody. */
class CohortSizeTest {

    private static final int MOST = 10;
    private static final LinearAggregator PRIVATE =
            GaussianMechanism.on(ClippedMean.fixed(1).dividingBy(10), 1);
    private static final SamplingScheme MANY = new SamplingScheme.Poisson(0.6, SamplingScheme.Source.CRYPTOGRAPHIC);
    private static final SamplingScheme FEW = new SamplingScheme.Poisson(0.5, SamplingScheme.Source.CRYPTOGRAPHIC);

    /** Every round was abandoned for too few clients, and charged. */
    @Test
    void rejectsADrawnCohortAboveTheLargest() {
        assertEquals(
                "a masked sum must be over at most 10 clients, but was 11; SecureSum's .ofAtMost(...) sets the bound",
                rejection(SecureSum.on(new IntegerRule(9)).ofAtMost(MOST), FEW, 11));
        assertEquals(
                "round 3: the cohort is larger than SecureSum's .ofAtMost(...) allows; raise it, at the"
                        + " clients as well, or choose smaller cohorts",
                rejection(SecureSum.on(PRIVATE).ofAtMost(MOST), FEW, 11));
        try (SecureRound small = SecureSum.on(PRIVATE).ofAtMost(MOST).begin(context(FEW), cohort(1))) {
            assertInstanceOf(SecureRound.Unrecovered.class, small.finish());
        }
    }

    @Test
    void doesNotChargeARoundWhoseExpectedCohortIsTooLarge() {
        PrivacyBudgetGuard guard = SecureSum.on(PRIVATE).ofAtMost(MOST).guard().orElseThrow();
        for (SamplingScheme scheme :
                List.of(MANY, new SamplingScheme.FixedSize(11), new SamplingScheme.EveryClient())) {
            assertEquals(
                    "round 3: the expected cohort of " + scheme
                            + " is larger than SecureSum's .ofAtMost(...) allows"
                            + "; raise it, at the clients as well, or choose smaller cohorts",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> guard.admit(context(scheme), ComponentState.EMPTY))
                            .getMessage());
        }
        for (SamplingScheme scheme :
                List.of(FEW, new SamplingScheme.FixedSize(10), new SamplingScheme.Other("by chance"))) {
            assertInstanceOf(PrivacyBudgetGuard.Granted.class, guard.admit(context(scheme), ComponentState.EMPTY));
        }
    }

    @Test
    void messagesOfAPrivateRuleNameNoCount() {
        SamplingScheme everybody = new SamplingScheme.EveryClient();
        assertEquals(
                "segment 'delta': 8 clients x 1,125,899,906,842,624 steps of 2^0 = 9,007,199,254,740,992 steps need 55 bits,"
                        + " but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54 bits; choose a rule with a"
                        + " coarser grid or a smaller cohort",
                rejection(SecureSum.on(new IntegerRule(0x1p50)), everybody, 8));
        assertEquals(
                "round 3: segment 'delta': the cohort's contributions of up to 1,125,899,906,842,624 steps of 2^0 each need"
                        + " more bits, but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54 bits; choose a"
                        + " rule with a coarser grid or a smaller cohort",
                rejection(SecureSum.on(new Guarded(new IntegerRule(0x1p50))), everybody, 8));
        DropoutTolerance strict = new DropoutTolerance(0.5, 0.4);
        assertEquals(
                "round 3: the cohort is too small to withstand CURIOUS adversaries at adversarialRate 0.5 and dropoutRate 0.4"
                        + "; use more clients or lower rates",
                rejection(SecureSum.on(PRIVATE).tolerating(strict), everybody, 2));
        assertEquals(
                "round 3: the cohort is smaller than SecureSum's .ofAtLeast(...) allows",
                rejection(SecureSum.on(PRIVATE).ofAtLeast(7), everybody, 6));
        assertTrue(rejection(SecureSum.on(new IntegerRule(9)).ofAtLeast(7), everybody, 6)
                .contains(", but was 6;"));
    }

    private static String rejection(SecureSum rule, SamplingScheme scheme, int clients) {
        IllegalArgumentException rejection =
                assertThrows(IllegalArgumentException.class, () -> rule.begin(context(scheme), cohort(clients)));
        assertNull(rejection.getCause());
        return rejection.getMessage();
    }

    private static List<ClientId> cohort(int clients) {
        return IntStream.range(0, clients).mapToObj(Fixtures::client).toList();
    }

    private static RoundContext context(SamplingScheme scheme) {
        return Fixtures.context(Fixtures.layout(3), 20, scheme);
    }

    /** A rule with a guard that grants everything. */
    private record Guarded(LinearAggregator rule) implements LinearAggregator {

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return Optional.of((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        }

        @Override
        public LinearRound begin(RoundContext context) {
            return rule.begin(context);
        }
    }
}
