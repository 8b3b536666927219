package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.ShareRevelation.RevealedSum;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.secure.SecureRound;
import org.jspecify.annotations.Nullable;

/** The server's half of a round: stage after stage, each made from what the one before returned, while enough clients are left. */
final class ServerSession implements SecureRound {

    private final SummedRule rule;
    private final RoundContext context;
    private final ServerRound round;
    private final int threads;
    private ServerStage stage;
    private @Nullable StageReplies open;
    private @Nullable RevealedSum revealed;
    private Optional<String> failure = Optional.empty();
    private boolean finished;
    private boolean closed;

    private ServerSession(SummedRule rule, RoundContext context, ServerRound round, int threads) {
        this.rule = rule;
        this.context = context;
        this.round = round;
        this.threads = threads;
        this.stage = new KeyCollection(round, new SecureRandom());
    }

    static SecureRound begin(
            SummedRule rule, ThreatModel threatModel, RoundContext context, List<ClientId> cohort, int threads) {
        Optional<String> tooSmall = tooSmall(threatModel, context, cohort.size());
        if (tooSmall.isPresent()) {
            return new NoRound(unrecovered(rule, context, SecureRound.Cause.TOO_FEW_CLIENTS, tooSmall.get()));
        }
        SessionTerms terms = terms(rule, threatModel, context, cohort.size());
        ServerRound.Keys keys = ServerRound.Keys.fresh(
                terms, context.shared(terms.summed().publicState()).toBytes(), new SecureRandom());
        return new ServerSession(rule, context, new ServerRound(terms, cohort, keys), threads);
    }

    private static SessionTerms terms(SummedRule rule, ThreatModel threatModel, RoundContext context, int clients) {
        try {
            return SessionTerms.of(rule, threatModel, context, clients);
        } catch (CohortSizeException e) {
            throw rule.isPrivate() ? e.uncounted(context.round()) : e;
        }
    }

    /**
     * A cohort of random size that is too small is not a mistake of the host. One that is too large is: it is unlikely by chance
     * alone.
     */
    private static Optional<String> tooSmall(ThreatModel threatModel, RoundContext context, int clients) {
        boolean chosen = context.sampling() instanceof SamplingScheme.EveryClient
                || context.sampling() instanceof SamplingScheme.FixedSize;
        if ((chosen && clients > 0) || clients > threatModel.largestCohort()) {
            return Optional.empty();
        }
        try {
            threatModel.graph(clients);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("round " + context.round() + ": " + e.getMessage());
        }
    }

    @Override
    public Optional<SecureRound.Stage> next() {
        requireOpen();
        if (open != null) {
            ServerStage.End end = open.end();
            open = null;
            if (end instanceof ServerStage.Abandoned abandoned) {
                failure = Optional.of(abandoned.reason());
            } else if (end instanceof ServerStage.Finished last) {
                revealed = last.sum();
            } else {
                stage = ((ServerStage.Next) end).stage();
            }
        }
        if (failure.isPresent() || revealed != null) {
            return Optional.empty();
        }
        open = new StageReplies(round, stage);
        return Optional.of(open);
    }

    @Override
    public Outcome finish() {
        requireOpen();
        RevealedSum sum = revealed;
        if (failure.isEmpty() && sum == null) {
            throw new IllegalStateException("round " + context.round() + ": its protocol is not at its end");
        }
        if (finished) {
            throw new IllegalStateException("round " + context.round() + " is finished");
        }
        finished = true;
        if (sum == null) {
            return unrecovered(rule, context, Cause.TOO_FEW_CLIENTS, failure.orElseThrow());
        }
        try (Unmasking unmasking = new Unmasking(sum)) {
            Optional<String> cheated = unmasking.run(threads);
            if (cheated.isPresent()) {
                return unrecovered(rule, context, Cause.MISBEHAVING_CLIENT, cheated.get());
            }
        }
        return decoded(sum.masked());
    }

    private Outcome decoded(MaskedSum unmasked) {
        SessionTerms terms = round.terms();
        int n = unmasked.included().size();
        // Under a private rule not even this is decided by the sum: a client that masks a number of its choice would
        // learn on which side of it the others' sum lies.
        if (!terms.isPrivate() && !unmasked.sum().withinHeadroom(n)) {
            return new Unrecovered(
                    Cause.MISBEHAVING_CLIENT,
                    "round " + context.round() + ": the sum is beyond what " + n
                            + " contributions in range can come to; a client masked something else");
        }
        if (!terms.isPrivate() || terms.begun().noisedByClients()) {
            return recovered(unmasked.sum().toSummand(terms.segments()), unmasked.included());
        }
        Summand noiseless = unmasked.sum().toResidues(terms.segments());
        try {
            return recovered(noiseless, unmasked.included());
        } finally {
            noiseless.erase();
        }
    }

    private Outcome recovered(Summand total, IndexSet included) {
        return new Recovered(round.terms().summed().decode(total), round.clients(included));
    }

    /** Reasons have names and counts, which are not for reports of a private rule. */
    private static Unrecovered unrecovered(SummedRule rule, RoundContext context, Cause cause, String reason) {
        return new Unrecovered(cause, rule.isPrivate() ? cause.reason(context.round()) : reason);
    }

    @Override
    public void close() {
        closed = true;
        if (open != null) {
            open.close();
        }
        stage.close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("round " + context.round() + " is closed");
        }
    }

    /** A round that cannot even begin. */
    record NoRound(Unrecovered outcome) implements SecureRound {

        @Override
        public Optional<SecureRound.Stage> next() {
            return Optional.empty();
        }

        @Override
        public Outcome finish() {
            return outcome;
        }

        @Override
        public void close() {}
    }
}
