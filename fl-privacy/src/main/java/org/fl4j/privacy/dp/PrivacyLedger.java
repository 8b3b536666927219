package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.accounting.RenyiAccountant;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * Books each round before it runs: on the journal, forced to disk, then in the state. The journal holds all that the state
 * has booked, and a round that a crash left without a result stays spent.
 */
record PrivacyLedger(
        double noiseMultiplier,
        Optional<PrivacyTarget> budget,
        Optional<ReleaseJournal> journal,
        RenyiAccountant quick,
        PrivacyLossAccountant exact)
        implements PrivacyBudgetGuard {

    static PrivacyLedger of(double noiseMultiplier) {
        return new PrivacyLedger(
                noiseMultiplier,
                Optional.empty(),
                Optional.empty(),
                RenyiAccountant.create(),
                PrivacyLossAccountant.create());
    }

    static void requireDelta(PrivacyTarget target) {
        if (!(target.privacyDelta() > 0)) {
            throw new IllegalArgumentException(
                    "a budget needs a delta in (0, 1): Gaussian noise has no finite epsilon without, but was "
                            + target);
        }
    }

    PrivacyLedger within(PrivacyTarget target) {
        requireDelta(target);
        return new PrivacyLedger(noiseMultiplier, Optional.of(target), journal, quick, exact);
    }

    PrivacyLedger journal(Path file, ReleaseJournal.Wanted wanted) {
        return new PrivacyLedger(noiseMultiplier, budget, Optional.of(new ReleaseJournal(file, wanted)), quick, exact);
    }

    @Override
    public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
        LedgerState state = LedgerState.read(ledger);
        journal.ifPresent(durable -> durable.open(run, drawn, round, state));
    }

    @Override
    public Permit admit(RoundContext context, ComponentState ledger) {
        BookedRelease release = BookedRelease.of(noiseMultiplier, context.sampling(), context.cohort());
        LedgerState state = LedgerState.read(ledger);
        if (journal.isEmpty()) {
            BookedReleases after = state.booked().plus(release, 1);
            Optional<Refused> refusal = refusal(after);
            return refusal.isPresent() ? refusal.get() : new Granted(new LedgerState(after, "").write());
        }
        try (ReleaseJournal.Booking booking = journal.get().book(state)) {
            BookedReleases after = booking.spent().plus(release, 1);
            Optional<Refused> refusal = refusal(after);
            return refusal.isPresent()
                    ? refusal.get()
                    : new Granted(new LedgerState(after, booking.append(context.round(), release)).write());
        }
    }

    PrivacyStatement statement(ComponentState ledger, double privacyDelta, String rule) {
        LedgerState state = LedgerState.read(ledger);
        ReleaseJournal.Account account = journal.map(durable -> durable.account(state))
                .orElseGet(() -> new ReleaseJournal.Account(state.booked(), false));
        BookedReleases spent = account.spent();
        return new PrivacyStatement(
                PrivacyModel.CENTRAL,
                rule,
                PrivacyFigure.of(spent.againstOutsiders(), privacyDelta, exact),
                PrivacyFigure.of(spent.againstMembers(), privacyDelta, exact),
                privacyDelta,
                budget,
                spent.trustingRounds(),
                account.complete());
    }

    /** The quick bound first: it is never too small, and mostly enough. */
    private Optional<Refused> refusal(BookedReleases booked) {
        if (budget.isEmpty()) {
            return Optional.empty();
        }
        Composition after = booked.budgeted();
        double delta = budget.get().privacyDelta();
        double allowed = budget.get().epsilon();
        if (quick.epsilon(after, delta).epsilon() <= allowed) {
            return Optional.empty();
        }
        double epsilon = exact.epsilon(after, delta).upper();
        if (epsilon <= allowed) {
            return Optional.empty();
        }
        long rounds = booked.rounds();
        String reason = String.format(
                Locale.ROOT,
                "round %d of this run would bring epsilon to %.4f at delta %s, above the budget of %s; the weights of the"
                        + " round before are what may be released",
                rounds,
                epsilon,
                delta,
                allowed);
        return Optional.of(new Refused(
                reason,
                Map.of("epsilon", epsilon, "budget", allowed, "privacyDelta", delta, "rounds", (double) rounds)));
    }
}
