package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.ReleaseGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.binary.ComponentState;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.accounting.RenyiAccountant;

/**
 * Books each round before it runs: on the journal, forced to disk, then in the state. What is spent is the union of both,
 * so a round that a crash left without a result stays spent.
 */
record PrivacyLedger(
        double noiseMultiplier,
        Optional<PrivacyTarget> budget,
        Optional<ReleaseJournal> journal,
        RenyiAccountant quick,
        PrivacyLossAccountant exact)
        implements ReleaseGuard {

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
                    "a budget needs a delta in (0, 1): Gaussian noise has no finite epsilon without. Provided value: "
                            + target);
        }
    }

    PrivacyLedger within(PrivacyTarget target) {
        requireDelta(target);
        return new PrivacyLedger(noiseMultiplier, Optional.of(target), journal, quick, exact);
    }

    PrivacyLedger journal(Path file) {
        return new PrivacyLedger(noiseMultiplier, budget, Optional.of(new ReleaseJournal(file)), quick, exact);
    }

    @Override
    public Permit admit(RoundContext context, ComponentState ledger) {
        PrivacyEvent event = event(context.sampling());
        Composition booked = Bookings.read(ledger);
        if (journal.isEmpty()) {
            Composition after = booked.plus(event);
            Optional<Refused> refusal = refusal(after);
            return refusal.isPresent() ? refusal.get() : new Granted(Bookings.write(after));
        }
        try (ReleaseJournal.Open open = journal.get().open()) {
            Composition after = Bookings.union(booked, open.spent()).plus(event);
            Optional<Refused> refusal = refusal(after);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            open.append(context.round(), event, booked);
            return new Granted(Bookings.write(after));
        }
    }

    PrivacyStatement statement(ComponentState ledger, double privacyDelta, String rule) {
        Composition spent = Bookings.read(ledger);
        boolean journaled = false;
        if (journal.isPresent()) {
            try (ReleaseJournal.Open open = journal.get().open()) {
                journaled = open.covers(spent);
                spent = Bookings.union(spent, open.spent());
            }
        }
        return new PrivacyStatement(
                PrivacyModel.CENTRAL, rule, spent, privacyDelta, exact.epsilon(spent, privacyDelta), budget, journaled);
    }

    /** Sampling amplifies only where nobody can know who was drawn. */
    private PrivacyEvent event(SamplingScheme sampling) {
        PrivacyEvent everybody = PrivacyEvent.unsampled(noiseMultiplier);
        return sampling instanceof SamplingScheme.Poisson poisson
                        && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC
                ? everybody.poisson(poisson.probability())
                : everybody;
    }

    /** The quick bound first: it is never too small, and mostly enough. */
    private Optional<Refused> refusal(Composition after) {
        if (budget.isEmpty()) {
            return Optional.empty();
        }
        double delta = budget.get().privacyDelta();
        double allowed = budget.get().epsilon();
        if (quick.epsilon(after, delta).epsilon() <= allowed) {
            return Optional.empty();
        }
        double epsilon = exact.epsilon(after, delta).upper();
        if (epsilon <= allowed) {
            return Optional.empty();
        }
        long rounds =
                after.events().values().stream().mapToLong(Long::longValue).sum();
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
