package org.fl4j.privacy.secagg;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.jspecify.annotations.Nullable;

/** A secure sum of which a test sees the inside: the server's session, and the secrets of every client of the last round. */
final class KnownCohort implements SecureAggregator {

    private final LinearAggregator rule;
    private final ThreatModel threatModel;
    private final Map<ClientId, KnownClient> clients = new HashMap<>();
    private @Nullable SecureRound server;
    private SecureRound.@Nullable Stage open;

    KnownCohort(LinearAggregator rule, ThreatModel threatModel) {
        this.rule = rule;
        this.threatModel = threatModel;
    }

    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard();
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return rule.begin(context).taskVectors();
    }

    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        SecureRound begun =
                ServerSession.begin(new SummedRule.Plain(rule, FixedPoint.UNSTATED), threatModel, context, cohort, 1);
        server = begun;
        return new WatchedRound(begun);
    }

    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        KnownClient client = new KnownClient(rule, FixedPoint.UNSTATED, threatModel, self);
        clients.put(self, client);
        return client;
    }

    SecureRound server() {
        return Objects.requireNonNull(server);
    }

    KnownClient client(int index) {
        return Objects.requireNonNull(clients.get(Fixtures.client(index)));
    }

    SessionTerms terms(RoundContext context, int n) {
        return SessionTerms.of(new SummedRule.Plain(rule, FixedPoint.UNSTATED), threatModel, context, n);
    }

    /** The stage that answers are taken for. */
    SecureRound.Stage open() {
        return Objects.requireNonNull(open);
    }

    private final class WatchedRound implements SecureRound {

        private final SecureRound round;

        WatchedRound(SecureRound round) {
            this.round = round;
        }

        @Override
        public Optional<SecureRound.Stage> next() {
            Optional<SecureRound.Stage> next = round.next();
            open = next.orElse(null);
            return next;
        }

        @Override
        public Outcome finish() {
            return round.finish();
        }

        @Override
        public void close() {
            round.close();
        }
    }
}
