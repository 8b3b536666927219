package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.weights.ModelDelta;

/** A masked sum whose halves a test can look into. */
final class WatchedSum implements SecureAggregator {

    private final SecureSum rule;
    private final List<Object> halves = new ArrayList<>();

    WatchedSum(SecureSum rule) {
        this.rule = rule;
    }

    /** Of all rounds so far: {@link ServerSession}s and {@link ClientSession}s. */
    List<Object> halves() {
        return halves;
    }

    /** A value that the server holds in the round begun last. */
    <T> T found(Class<T> type) {
        Object server = halves.stream()
                .filter(ServerSession.class::isInstance)
                .reduce((earlier, later) -> later)
                .orElseThrow();
        ReachableSecrets reachable = new ReachableSecrets();
        try {
            reachable.collect(server);
        } catch (IllegalAccessException e) {
            throw new LinkageError(e.getMessage(), e);
        }
        return reachable.objects().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return rule.taskVectors(context);
    }

    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        SecureRound round = rule.begin(context, cohort);
        halves.add(round);
        return round;
    }

    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        SecureAggregator.Participant participant = rule.participant(self);
        halves.add(participant);
        return participant;
    }
}
