package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Collusion;
import org.fl4j.simulation.Trouble;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten clients look for the mean of their points, (10 + 0.1 k, -10 - 0.1 k), from the origin; four of them attack, in every
 * round.
 */
class AttackedRunTest {

    private static final List<ClientId> IDS = ClientId.numbered("client-", 10);
    private static final Set<ClientId> ATTACKERS = Set.of(IDS.get(0), IDS.get(3), IDS.get(6), IDS.get(9));

    static Stream<Trouble> attacks() {
        return Stream.of(
                Trouble.seeded(1).of(ATTACKERS, Trouble.signFlip()),
                Trouble.seeded(1).of(ATTACKERS, Trouble.scaled(-3)),
                Trouble.seeded(1).colluding(ATTACKERS, Collusion.innerProduct(1)),
                Trouble.seeded(1).colluding(ATTACKERS, Collusion.innerProduct(3)));
    }

    /** The mean goes a fifth of the way by rounds, or backwards; the median is an honest client's or between two. */
    @ParameterizedTest
    @MethodSource("attacks")
    void theMedianWithstandsWhatTheMeanDoesNot(Trouble trouble) {
        double median = distance(CoordinateMedian.tolerating(4), trouble);
        double mean = distance(FedAvg.uniform(), trouble);

        assertTrue(median < 1.5, () -> "the median is off by " + median);
        assertTrue(mean > 7, () -> "the mean is off by " + mean);
    }

    /** From the mean of the honest points, after three rounds. */
    private static double distance(DirectAggregator rule, Trouble trouble) {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(2));
        ClientProvider clients = ClientProvider.local(IDS, AttackedRunTest::point, models);
        ModelWeights end;
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(trouble.around(clients))
                .localTraining(LocalTraining.steps(1).withLearningRate(0.6))
                .build()) {
            end = server.run(ServerState.initial(models.initialWeights(), 5), 3)
                    .state()
                    .weights();
        }
        double centre = IDS.stream()
                .filter(id -> !ATTACKERS.contains(id))
                .mapToDouble(id -> point(id)[0][0])
                .average()
                .orElseThrow();
        return Math.hypot(end.get(0) - centre, end.get(1) + centre);
    }

    private static double[][] point(ClientId id) {
        double along = 10 + 0.1 * IDS.indexOf(id);
        return new double[][] {{along, -along}};
    }
}
