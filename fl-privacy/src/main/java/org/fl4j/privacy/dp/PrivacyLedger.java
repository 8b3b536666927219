package org.fl4j.privacy.dp;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.accounting.RenyiAccountant;
import org.fl4j.privacy.accounting.SampledGaussian;
import org.fl4j.privacy.dp.ReleaseJournal.Account;
import org.fl4j.privacy.dp.ReleaseJournal.Entry;
import org.fl4j.privacy.dp.ReleaseJournal.Wanted;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * Charges each release to an account before its noise is drawn, and composes what was charged: on the account of a run, whose
 * state carries it ({@link #admit}), or of a client under local differential privacy ({@link #charge}). A charge that would
 * exceed the budget is rejected. With a journal every charge is forced to disk first, and the journal decides what was spent:
 * a charge that a crash left without a result stays spent.
 *
 * <p>Immutable except for the clients' accounts, and thread-safe.
 */
final class PrivacyLedger implements PrivacyBudgetGuard {

    private static final RenyiAccountant QUICK = RenyiAccountant.create();
    private static final PrivacyLossAccountant EXACT = PrivacyLossAccountant.create();

    private final PrivacyEvent release;
    private final Optional<PrivacyTarget> budget;
    private final Optional<ReleaseJournal> journal;

    /** Of clients, without a journal; a run's is in its state. */
    private final Map<ClientId, ChargedReleases> clients = new ConcurrentHashMap<>();

    private PrivacyLedger(PrivacyEvent release, Optional<PrivacyTarget> budget, Optional<ReleaseJournal> journal) {
        this.release = release;
        this.budget = budget;
        this.journal = journal;
    }

    /** Without a budget and without a journal. */
    static PrivacyLedger of(double noiseMultiplier) {
        return of(PrivacyEvent.unsampled(noiseMultiplier));
    }

    /**
     * Of releases of any kind, without a budget and without a journal.
     *
     * @param release to which every client contributes; sampling is charged as the round's context says
     */
    static PrivacyLedger of(PrivacyEvent release) {
        return new PrivacyLedger(release.withoutSampling(), Optional.empty(), Optional.empty());
    }

    PrivacyLedger withNoise(double multiplier) {
        return new PrivacyLedger(PrivacyEvent.unsampled(multiplier), budget, journal);
    }

    PrivacyLedger within(PrivacyTarget target) {
        if (!(target.privacyDelta() > 0)) {
            throw new IllegalArgumentException("a budget's privacyDelta must be > 0 and < 1, but was " + target
                    + "; with Gaussian noise no epsilon is finite at delta 0");
        }
        return new PrivacyLedger(release, Optional.of(target), journal);
    }

    PrivacyLedger journal(Path file, Wanted wanted) {
        return new PrivacyLedger(release, budget, Optional.of(new ReleaseJournal(file, wanted)));
    }

    PrivacyLedger journalOfClients(Path file, Wanted wanted, PrivacyStatement.PrivacyModel model) {
        return new PrivacyLedger(release, budget, Optional.of(ReleaseJournal.ofClients(file, wanted, model)));
    }

    /** A copy without the clients' accounts; those of a journal are in its file. */
    PrivacyLedger emptied() {
        return new PrivacyLedger(release, budget, journal);
    }

    /**
     * The noise of a Gaussian release.
     *
     * @throws IllegalStateException if releases are of another kind
     */
    double noiseMultiplier() {
        if (release instanceof SampledGaussian gaussian) {
            return gaussian.noiseMultiplier();
        }
        throw new IllegalStateException("the ledger must charge a Gaussian, but charges " + release);
    }

    @Override
    public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
        LedgerState state = LedgerState.read(ledger);
        journal.ifPresent(durable -> durable.open(run, drawn, round, state));
    }

    @Override
    public Permit admit(RoundContext context, ComponentState ledger) {
        return admit(context, ledger, ChargedRelease.of(release, context.sampling(), context.cohort()));
    }

    /** Charges a release as the mechanism that makes it counts it. */
    Permit admit(RoundContext context, ComponentState ledger, ChargedRelease charged) {
        LedgerState state = LedgerState.read(ledger);
        Entry entry = journal.isPresent() ? journal.get().lock(state) : Entry.unjournaled(state.charged());
        return permit(charge(entry, new Charges(context.round(), context.attempt(), charged, 1)));
    }

    /**
     * Admits a round of a run that is one release: its first round is charged and covers all others.
     *
     * @param first whether no round of the run was played, so that what the state has charged is no charge for this run
     */
    Permit admitOnce(RoundContext context, ComponentState ledger, boolean first) {
        LedgerState state = LedgerState.read(ledger);
        ChargedRelease run = ChargedRelease.unsampled(release);
        boolean charged = state.charged().has(run);
        if (charged && !first) {
            return new Granted(ledger);
        }
        Entry entry = journal.isPresent() ? journal.get().lock(state) : Entry.unjournaled(state.charged());
        Optional<LedgerState> before = charged ? Optional.empty() : entry.chargedBefore(run);
        if (before.isPresent()) {
            entry.close();
            return new Granted(before.get().write());
        }
        return permit(charge(entry, new Charges(context.round(), context.attempt(), run, 1)));
    }

    private Permit permit(Outcome outcome) {
        return outcome.excess().isPresent()
                ? refused(outcome.state().charged().rounds(), outcome.excess().getAsDouble(), budget.orElseThrow())
                : new Granted(outcome.state().write());
    }

    /**
     * Charges a client for taking part in an attempt at a round, by one unsampled release.
     *
     * @throws LocalDifferentialPrivacy.BudgetSpentException if that would exceed the budget; then nothing is charged
     */
    void charge(ClientId client, int round, int attempt) {
        charge(client, new Charges(round, attempt, ChargedRelease.unsampled(release), 1));
    }

    /** Equal releases of one attempt at a round. */
    record Charges(int round, int attempt, ChargedRelease release, int times) {}

    /**
     * Charges a client, all or nothing.
     *
     * @throws LocalDifferentialPrivacy.BudgetSpentException if that would exceed the budget; then nothing is charged
     */
    void charge(ClientId client, Charges charges) {
        if (journal.isPresent()) {
            charge(client, charges, journal.get().lock(client));
        } else {
            clients.compute(
                    client,
                    (id, spent) ->
                            charge(client, charges, Entry.unjournaled(spent == null ? ChargedReleases.NONE : spent)));
        }
    }

    private ChargedReleases charge(ClientId client, Charges charges, Entry entry) {
        Outcome outcome = charge(entry, charges);
        if (outcome.excess().isPresent()) {
            PrivacyTarget target = budget.orElseThrow();
            throw new LocalDifferentialPrivacy.BudgetSpentException("client '" + client + "', round " + charges.round()
                    + ": taking part would bring its epsilon to "
                    + outcome.excess().getAsDouble() + " at delta "
                    + target.privacyDelta() + ", above its budget of " + target.epsilon());
        }
        return outcome.state().charged();
    }

    /** The account with the charge on it; or the epsilon that would exceed the budget, and nothing was charged. */
    private record Outcome(LedgerState state, OptionalDouble excess) {}

    private Outcome charge(Entry entry, Charges charges) {
        try (entry) {
            ChargedReleases after = entry.spent().plus(charges.release(), charges.times());
            OptionalDouble excess = excess(after);
            return new Outcome(new LedgerState(after, excess.isPresent() ? "" : entry.append(charges)), excess);
        }
    }

    /** The epsilon after a charge if it exceeds the budget. The quick bound is never too small and nearly always decides. */
    private OptionalDouble excess(ChargedReleases charged) {
        if (budget.isEmpty()) {
            return OptionalDouble.empty();
        }
        Composition composition = charged.budgeted();
        double delta = budget.get().privacyDelta();
        double allowed = budget.get().epsilon();
        if (QUICK.epsilon(composition, delta).epsilon() <= allowed) {
            return OptionalDouble.empty();
        }
        double epsilon = EXACT.epsilon(composition, delta).upper();
        return epsilon <= allowed ? OptionalDouble.empty() : OptionalDouble.of(epsilon);
    }

    private static Refused refused(long rounds, double epsilon, PrivacyTarget budget) {
        String reason = String.format(
                Locale.ROOT,
                "round %d of this run would bring epsilon to %.4f at delta %s, above the budget of %s; the weights of the"
                        + " round before are what may be released",
                rounds,
                epsilon,
                budget.privacyDelta(),
                budget.epsilon());
        return new Refused(
                reason,
                Map.ofEntries(
                        Map.entry("epsilon", epsilon),
                        Map.entry("budget", budget.epsilon()),
                        Map.entry("privacyDelta", budget.privacyDelta()),
                        Map.entry("rounds", (double) rounds)));
    }

    /** The guarantee of a run, by the ledger in its state. */
    PrivacyStatement statement(ComponentState ledger, double privacyDelta, String rule) {
        return statement(PrivacyStatement.PrivacyModel.CENTRAL, ledger, privacyDelta, rule);
    }

    PrivacyStatement statement(
            PrivacyStatement.PrivacyModel model, ComponentState ledger, double privacyDelta, String rule) {
        LedgerState state = LedgerState.read(ledger);
        Account account =
                journal.map(durable -> durable.account(state)).orElseGet(() -> new Account(state.charged(), false));
        return statement(model, account, privacyDelta, rule);
    }

    PrivacyStatement statement(ClientId client, PrivacyStatement.PrivacyModel model, double privacyDelta, String rule) {
        Account account = journal.map(durable -> durable.account(client))
                .orElseGet(() -> new Account(clients.getOrDefault(client, ChargedReleases.NONE), false));
        return statement(model, account, privacyDelta, rule);
    }

    private PrivacyStatement statement(
            PrivacyStatement.PrivacyModel model, Account account, double privacyDelta, String rule) {
        ChargedReleases spent = account.spent();
        return new PrivacyStatement(
                spent.isNoisedByClients() ? model : model.ofServersNoise(),
                rule,
                PrivacyStatement.Figure.of(spent.againstOutsiders(), privacyDelta, EXACT),
                PrivacyStatement.Figure.of(spent.againstMembers(), privacyDelta, EXACT),
                privacyDelta,
                budget,
                spent.trustingRounds(),
                account.complete());
    }
}
