package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/** Runs with an id, and the ledgers of their rounds. */
final class Journals {

    static final RunId RUN = run(1);

    private Journals() {}

    static RunId run(long seed) {
        return RunId.of("weights", seed).drawn();
    }

    static ComponentState granted(PrivacyBudgetGuard.Permit permit) {
        return assertInstanceOf(PrivacyBudgetGuard.Granted.class, permit).ledger();
    }

    /** Opens the run and plays rounds; the ledger after the last. */
    static ComponentState played(PrivacyLedger ledger, RunId run, int from, ComponentState state, int rounds) {
        ledger.open(run, from == 0 ? Drawn.NOW : Drawn.EARLIER, from, state);
        ComponentState now = state;
        for (int i = 0; i < rounds; i++) {
            now = granted(ledger.admit(Releases.context(1, 9), now));
        }
        return now;
    }
}
