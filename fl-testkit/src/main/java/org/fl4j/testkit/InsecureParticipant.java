package org.fl4j.testkit;

import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.secure.SecureAggregator;
import org.jspecify.annotations.Nullable;

/** The client's half of {@link InsecureForTests}: one answer a stage, in the order of the stages. */
final class InsecureParticipant implements SecureAggregator.Participant {

    private final LinearAggregator rule;
    private final ClientId self;
    private final InsecureForTests.Disturbance disturbance;
    private final Iterator<InsecureForTests.Stage> stages =
            EnumSet.allOf(InsecureForTests.Stage.class).iterator();
    private @Nullable RoundContext context;
    private boolean closed;

    InsecureParticipant(LinearAggregator rule, ClientId self, InsecureForTests.Disturbance disturbance) {
        this.rule = rule;
        this.self = self;
        this.disturbance = disturbance;
    }

    @Override
    public byte[] answer(byte[] message, LocalWork local) throws Exception {
        if (closed) {
            throw new IllegalStateException("client '" + self + "': its half of the round is closed");
        }
        if (!stages.hasNext()) {
            throw new IllegalStateException("client '" + self + "': it has answered every stage");
        }
        InsecureForTests.Stage stage = stages.next();
        byte[] answer = InsecureMessages.toServer(stage, answer(stage, message, local));
        return disturbance.onTheWay(self, stage, answer);
    }

    @Override
    public void close() {
        closed = true;
        context = null;
    }

    private InsecureMessages.Answer answer(InsecureForTests.Stage stage, byte[] message, LocalWork local)
            throws Exception {
        return switch (stage) {
            case ADVERTISE -> {
                context = InsecureMessages.atClient(
                        stage,
                        message,
                        in -> RoundContext.ofParticipant(
                                "client '" + self + "'", rule, RoundContext.PublicPart.fromBytes(in.readBytes())));
                yield new InsecureMessages.Answer(self, context.round(), List.of(), List.of());
            }
            case MASKED_INPUT -> {
                InsecureMessages.atClient(stage, message, InsecureMessages::readIds);
                yield new InsecureMessages.Answer(self, round().round(), contribution(local), List.of());
            }
            case UNMASK -> {
                List<ClientId> included = InsecureMessages.atClient(stage, message, InsecureMessages::readIds);
                if (!included.contains(self)) {
                    throw new IllegalStateException("client '" + self + "' is asked to unmask a sum it is not in");
                }
                yield new InsecureMessages.Answer(self, round().round(), List.of(), included);
            }
        };
    }

    private List<Double> contribution(LocalWork local) throws Exception {
        LinearRound round = rule.begin(round());
        UpdateEncoder encoder = round.encoder();
        Summand encoded = Summand.zero(round.segments());
        local.train(encoder::encode, () -> UpdateEncoder.Contribution.ZERO).addTo(encoded);
        return DoubleStream.of(encoded.toArray()).boxed().toList();
    }

    private RoundContext round() {
        if (context == null) {
            throw new IllegalStateException("client '" + self + "' has not advertised");
        }
        return context;
    }
}
