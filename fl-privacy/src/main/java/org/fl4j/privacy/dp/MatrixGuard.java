package org.fl4j.privacy.dp;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * Admits the rounds of a {@link MatrixMechanism}: each number once, with a seed of its own, at most as many as planned, of clients as far
 * apart as planned. The first one is charged for all.
 *
 * @param fingerprint of all that the noise of a round depends on; throws where it cannot be had
 */
record MatrixGuard(MatrixPlan plan, PrivacyLedger ledger, NoiseSeeds seeds, Function<RoundContext, String> fingerprint)
        implements PrivacyBudgetGuard {

    @Override
    public void open(RunId run, Drawn drawn, int round, ComponentState spent) {
        ledger.open(run, drawn, round, spent);
        seeds.open(run, drawn, round);
    }

    @Override
    public Permit admit(RoundContext context, ComponentState spent) {
        int round = context.round();
        boolean first = seeds.isUnused();
        boolean played = seeds.has(round);
        Optional<Refused> objection = played ? Optional.empty() : objection(context);
        if (objection.isPresent()) {
            return objection.get();
        }
        String settings = fingerprint.apply(context);
        Permit permit = ledger.admitOnce(context, spent, first);
        if (!(permit instanceof Granted granted)) {
            return permit;
        }
        if (played) {
            return new Skipped(
                    granted.ledger(),
                    "round " + round + " was played before, and its result was lost or abandoned: its noise must not be"
                            + " added to a second sum, and its clients have had their turn");
        }
        seeds.admit(round, settings);
        return permit;
    }

    private Optional<Refused> objection(RoundContext context) {
        if (context.round() > plan.rounds()) {
            return Optional.of(new Refused(
                    "round " + context.round() + " is beyond the " + plan.rounds()
                            + " rounds that the noise was planned for; the weights of the round before are what may be"
                            + " released",
                    Map.of("round", (double) context.round(), "planned", (double) plan.rounds())));
        }
        int separation = context.sampling() instanceof SamplingScheme.Separated separated ? separated.rounds() : 1;
        return separation >= plan.separation()
                ? Optional.empty()
                : Optional.of(new Refused(
                        "the plan counts on clients that take part at most once in any " + plan.separation()
                                + " successive rounds, but the scheme " + context.sampling() + " keeps them "
                                + separation
                                + " apart; use ClientSelector.separated(" + plan.separation() + ")",
                        Map.of("separation", (double) separation, "planned", (double) plan.separation())));
    }
}
