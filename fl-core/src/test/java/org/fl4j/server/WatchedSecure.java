package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.weights.ModelDelta;

/** A secure rule whose halves are counted as they are opened and closed, and whose participants can be replaced. */
record WatchedSecure(
        SecureAggregator rule,
        UnaryOperator<SecureAggregator.Participant> change,
        UnaryOperator<SecureRound.Stage> changeStage,
        AtomicInteger open)
        implements SecureAggregator {

    static WatchedSecure of(SecureAggregator rule) {
        return new WatchedSecure(rule, participant -> participant, stage -> stage, new AtomicInteger());
    }

    WatchedSecure withParticipants(UnaryOperator<SecureAggregator.Participant> other) {
        return new WatchedSecure(rule, other, changeStage, open);
    }

    WatchedSecure withStages(UnaryOperator<SecureRound.Stage> other) {
        return new WatchedSecure(rule, change, other, open);
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return rule.taskVectors(context);
    }

    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        SecureRound round = rule.begin(context, cohort);
        open.incrementAndGet();
        return new SecureRound() {
            @Override
            public Optional<SecureRound.Stage> next() {
                return round.next().map(changeStage);
            }

            @Override
            public Outcome finish() {
                return round.finish();
            }

            @Override
            public void close() {
                open.decrementAndGet();
                round.close();
            }
        };
    }

    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        SecureAggregator.Participant participant = change.apply(rule.participant(self));
        open.incrementAndGet();
        return new SecureAggregator.Participant() {
            @Override
            public byte[] answer(byte[] message, LocalWork local) throws Exception {
                return participant.answer(message, local);
            }

            @Override
            public void close() {
                open.decrementAndGet();
                participant.close();
            }
        };
    }

    /** A stage that cannot make its messages. */
    static SecureRound.Stage withoutMessages(RuntimeException bug, SecureRound.Stage stage) {
        return new SecureRound.Stage() {
            @Override
            public String name() {
                return stage.name();
            }

            @Override
            public List<ClientId> recipients() {
                return stage.recipients();
            }

            @Override
            public byte[] messageFor(ClientId recipient) {
                throw bug;
            }

            @Override
            public Optional<String> reply(ClientId from, byte[] answer) {
                return stage.reply(from, answer);
            }

            @Override
            public void missing(ClientId who) {
                stage.missing(who);
            }
        };
    }

    /** A stage that also sends to someone. */
    static SecureRound.Stage alsoTo(ClientId stranger, SecureRound.Stage stage) {
        return new SecureRound.Stage() {
            @Override
            public String name() {
                return stage.name();
            }

            @Override
            public List<ClientId> recipients() {
                List<ClientId> all = new ArrayList<>(stage.recipients());
                all.add(stranger);
                return all;
            }

            @Override
            public byte[] messageFor(ClientId recipient) {
                return stage.messageFor(recipient);
            }

            @Override
            public Optional<String> reply(ClientId from, byte[] answer) {
                return stage.reply(from, answer);
            }

            @Override
            public void missing(ClientId who) {
                stage.missing(who);
            }
        };
    }
}
