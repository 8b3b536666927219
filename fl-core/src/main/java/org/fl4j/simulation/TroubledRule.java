package org.fl4j.simulation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.weights.ModelDelta;

/** A secure rule some of whose clients do not answer some of its messages. */
record TroubledRule(SecureAggregator rule, Trouble trouble) implements SecureAggregator {

    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        return rule.begin(context, cohort);
    }

    @Override
    public Participant participant(ClientId self) {
        Participant participant = rule.participant(self);
        return new Participant() {
            @Override
            public byte[] answer(byte[] message, LocalWork local) throws Exception {
                trouble.checkAnswers(self, local.task(), message);
                return participant.answer(message, local);
            }

            @Override
            public void close() {
                participant.close();
            }
        };
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return rule.taskVectors(context);
    }

    @Override
    public ObjectiveSpec objective() {
        return rule.objective();
    }

    @Override
    public Optional<LocalObjective> localObjective() {
        return rule.localObjective();
    }

    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard();
    }

    @Override
    public boolean isPrivate() {
        return rule.isPrivate();
    }
}
