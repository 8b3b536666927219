package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.SecureRound;
import org.fl4j.aggregation.SecureStage;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.jspecify.annotations.Nullable;

/** The server's half of a round: stage after stage, as long as enough clients are left. */
final class ServerSession implements SecureRound {

    private final LinearAggregator rule;
    private final RoundContext context;
    private final ServerRecords records;
    private final int threads;
    private final Deque<Supplier<StageWork>> ahead = new ArrayDeque<>();
    private @Nullable OpenStage open;
    private Optional<String> failure = Optional.empty();
    private boolean finished;
    private boolean closed;

    private ServerSession(LinearAggregator rule, RoundContext context, ServerRecords records, int threads) {
        this.rule = rule;
        this.context = context;
        this.records = records;
        this.threads = threads;
        SecureRandom random = new SecureRandom();
        ahead.add(() -> new KeyCollection(records, random));
        ahead.add(() -> new ShareCollection(records));
        ahead.add(() -> new InputCollection(records));
        if (records.terms().threatModel().signs()) {
            ahead.add(() -> new SignatureCollection(records));
        }
        ahead.add(() -> new ShareRevelation(records));
    }

    static SecureRound begin(
            LinearAggregator rule,
            FixedPoint numbers,
            ThreatModel threatModel,
            RoundContext context,
            List<ClientId> cohort,
            int threads) {
        Optional<String> tooSmall = tooSmall(threatModel, context, cohort.size());
        if (tooSmall.isPresent()) {
            return new NoRound(unrecovered(rule, context, SecureRound.Cause.TOO_FEW_CLIENTS, tooSmall.get()));
        }
        SessionTerms terms = terms(rule, numbers, threatModel, context, cohort.size());
        ServerKeys keys = ServerKeys.fresh(
                terms, context.shared(terms.summed().publicState()).toBytes(), new SecureRandom());
        return new ServerSession(rule, context, new ServerRecords(terms, cohort, keys), threads);
    }

    private static SessionTerms terms(
            LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, RoundContext context, int clients) {
        try {
            return SessionTerms.of(rule, numbers, threatModel, context, clients);
        } catch (CohortSizeException e) {
            throw rule.guard().isPresent() ? e.uncounted(context.round()) : e;
        }
    }

    /**
     * Of a cohort whose size is a matter of chance it is no mistake of the host's to be too small. To be too large is one: by
     * chance alone it hardly happens.
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
    public Optional<SecureStage> next() {
        requireOpen();
        if (open != null) {
            failure = open.end();
            open = null;
        }
        if (failure.isPresent() || ahead.isEmpty()) {
            ahead.clear();
            return Optional.empty();
        }
        open = new OpenStage(records, ahead.remove().get());
        return Optional.of(open);
    }

    @Override
    public Outcome finish() {
        requireOpen();
        if (open != null || (failure.isEmpty() && !ahead.isEmpty())) {
            throw new IllegalStateException("round " + context.round() + ": its protocol is not at its end");
        }
        if (finished) {
            throw new IllegalStateException("round " + context.round() + " is finished");
        }
        finished = true;
        if (failure.isPresent()) {
            return unrecovered(rule, context, Cause.TOO_FEW_CLIENTS, failure.get());
        }
        try (Unmasking unmasking = new Unmasking(records)) {
            Optional<String> cheated = unmasking.run(threads);
            if (cheated.isPresent()) {
                return unrecovered(rule, context, Cause.MISBEHAVING_CLIENT, cheated.get());
            }
        }
        return decoded();
    }

    private Outcome decoded() {
        SessionTerms terms = records.terms();
        int n = records.included().size();
        // Under a private rule not even this is decided by the sum: a client that masks a number of its choice would
        // learn on which side of it the others' sum lies.
        if (!terms.isPrivate() && !records.sum().withinHeadroom(n)) {
            return new Unrecovered(
                    Cause.MISBEHAVING_CLIENT,
                    "round " + context.round() + ": the sum is beyond what " + n
                            + " contributions in range can come to; a client masked something else");
        }
        if (!terms.isPrivate()) {
            return recovered(records.sum().toSummand(terms.segments()));
        }
        Summand noiseless = records.sum().toResidues(terms.segments());
        try {
            return recovered(noiseless);
        } finally {
            noiseless.erase();
        }
    }

    private Outcome recovered(Summand total) {
        return new Recovered(records.terms().summed().decode(total), records.clients(records.included()));
    }

    /** Reasons have names and counts, which are not for reports of a private rule. */
    private static Unrecovered unrecovered(LinearAggregator rule, RoundContext context, Cause cause, String reason) {
        return new Unrecovered(cause, rule.guard().isPresent() ? cause.reason(context.round()) : reason);
    }

    @Override
    public void close() {
        closed = true;
        if (open != null) {
            open.close();
        }
        records.close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("round " + context.round() + " is closed");
        }
    }

    /** A round that cannot even begin. */
    private record NoRound(Unrecovered outcome) implements SecureRound {

        @Override
        public Optional<SecureStage> next() {
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
