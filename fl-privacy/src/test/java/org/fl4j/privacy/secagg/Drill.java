package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * Runs rounds over bytes as a host would, with a network that a test decides about. One client after another, so that a
 * seeded test has one course of events.
 */
final class Drill {

    /** What becomes of a message on its way; empty: it is lost. */
    @FunctionalInterface
    interface Network {

        Optional<byte[]> carry(ProtocolStage stage, ProtocolStage.Direction way, int client, byte[] message)
                throws Exception;
    }

    private final SecureAggregator server;
    private final IntFunction<SecureAggregator> clients;
    private final int n;
    private final ParameterLayout layout;
    private final IntFunction<double[]> deltas;
    private Network network = (stage, way, client, message) -> Optional.of(message);
    private IntFunction<ModelWeights> models;
    private final List<String> rejections = new ArrayList<>();
    private final Map<Integer, String> failures = new LinkedHashMap<>();

    Drill(SecureAggregator rule, int n, int length, IntFunction<double[]> deltas) {
        this(rule, client -> rule, n, length, deltas);
    }

    Drill(
            SecureAggregator server,
            IntFunction<SecureAggregator> clients,
            int n,
            int length,
            IntFunction<double[]> deltas) {
        this.server = server;
        this.clients = clients;
        this.n = n;
        this.layout = Fixtures.layout(length);
        this.deltas = deltas;
        this.models = client -> ModelWeights.copyOf(layout, new double[length]);
    }

    /** Whole numbers of up to 2^21 that are a client's own. */
    static double[] values(int client, int length) {
        DeterministicRandom random = new DeterministicRandom(client);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt((1 << 22) + 1) - (double) (1 << 21);
        }
        return values;
    }

    Drill over(Network other) {
        network = other;
        return this;
    }

    /** The global weights that each client is given. */
    Drill handing(IntFunction<ModelWeights> others) {
        models = others;
        return this;
    }

    /** The server's reasons for rejecting answers, in order. */
    List<String> rejections() {
        return rejections;
    }

    /** What each client that threw threw. */
    Map<Integer, String> failures() {
        return failures;
    }

    RoundContext context(int round) {
        return new RoundContext(
                round, layout, n, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 20_261_121L + round);
    }

    SecureRound.Outcome run(int round) {
        List<ClientId> cohort = IntStream.range(0, n).mapToObj(Fixtures::client).toList();
        List<SecureAggregator.Participant> participants = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            participants.add(clients.apply(i).participant(Fixtures.client(i)));
        }
        try (SecureRound protocol = server.begin(context(round), cohort)) {
            for (Optional<SecureRound.Stage> next = protocol.next(); next.isPresent(); next = protocol.next()) {
                ProtocolStage stage = ProtocolStage.valueOf(next.get().name());
                for (ClientId recipient : next.get().recipients()) {
                    exchange(stage, next.get(), cohort.indexOf(recipient), participants, round);
                }
            }
            return protocol.finish();
        } finally {
            participants.forEach(SecureAggregator.Participant::close);
        }
    }

    private void exchange(
            ProtocolStage stage,
            SecureRound.Stage open,
            int client,
            List<SecureAggregator.Participant> participants,
            int round) {
        Optional<byte[]> answer = Optional.empty();
        try {
            Optional<byte[]> message = network.carry(
                    stage, ProtocolStage.Direction.TO_CLIENT, client, open.messageFor(Fixtures.client(client)));
            if (message.isPresent()) {
                byte[] given = participants.get(client).answer(message.get(), work(client, round));
                answer = network.carry(stage, ProtocolStage.Direction.TO_SERVER, client, given);
            }
        } catch (Exception e) {
            failures.put(client, e.getMessage());
        }
        if (answer.isPresent()) {
            open.reply(Fixtures.client(client), answer.get()).ifPresent(rejections::add);
        } else {
            open.missing(Fixtures.client(client));
        }
    }

    SecureAggregator.Participant.LocalWork work(int client, int round) {
        return new SecureAggregator.Participant.LocalWork() {

            @Override
            public TrainingTask task() {
                return new TrainingTask(
                        round,
                        models.apply(client),
                        LocalTraining.epochs(1),
                        ObjectiveSpec.EMPIRICAL_RISK,
                        Map.of(),
                        1_000L * round + client);
            }

            /** As {@code ParticipantSession} does it. */
            @Override
            public <C> C train(Function<ClientUpdate, C> encode, Supplier<C> zeros) {
                try {
                    return encode.apply(new ClientUpdate(
                            Fixtures.client(client),
                            round,
                            0,
                            ModelDelta.of(layout, deltas.apply(client)),
                            1 + client,
                            Map.of(),
                            Map.of(),
                            ObjectiveSpec.EMPIRICAL_RISK));
                } catch (RuntimeException e) {
                    if (clients.apply(client).guard().isPresent()) {
                        return zeros.get();
                    }
                    throw e;
                }
            }
        };
    }
}
