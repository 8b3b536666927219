package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.ClientProvider;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Uplink;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Trouble;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

class MajorityVoteTest {

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return MajorityVote.of(0.25);
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }

    @Nested
    class ContractWithStatistics extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return MajorityVote.of(0.25);
        }

        @Override
        protected ParameterLayout layout() {
            return Fixtures.layout(
                    DataType.DOUBLE, ParameterSpec.trainable("w", 5), ParameterSpec.statistic("mean", 2));
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }

    /** Two of three for up, against a long delta; two of three for down; a tie; nobody moved. */
    @Test
    void eachClientHasOneVote() {
        ParameterLayout layout = Fixtures.layout(4);
        List<ModelDelta> deltas =
                Rounds.deltas(layout, new double[][] {{1e-9, -1, 5, 0}, {2, -1e3, 0, 0}, {-1e6, 7, -5, 0}});
        assertEquals(ModelDelta.of(layout, 0.5, -0.5, 0, 0), Rounds.aggregate(MajorityVote.of(0.5), deltas));
    }

    @Test
    void statisticsAreAveraged() {
        ParameterLayout layout =
                Fixtures.layout(DataType.DOUBLE, ParameterSpec.trainable("w", 1), ParameterSpec.statistic("mean", 1));
        List<ModelDelta> deltas = Rounds.deltas(layout, new double[][] {{3, 3}, {4, 6}});
        assertEquals(ModelDelta.of(layout, 0.5, 4.5), Rounds.aggregate(MajorityVote.of(0.5), deltas));
    }

    /** An old update is half a vote: it does not outweigh a new one, though its delta is longer. */
    @Test
    void aDampedVoteCountsForLess() {
        ParameterLayout layout = Fixtures.layout(1);
        LinearRound round = MajorityVote.of(1).begin(Fixtures.context(layout));
        Summand sum = Summand.zero(round.segments());
        round.encoder()
                .encode(Fixtures.update(0, ModelDelta.of(layout, 100), 1), 0.5)
                .addTo(sum);
        round.encoder()
                .encode(Fixtures.update(1, ModelDelta.of(layout, -1), 1), 1)
                .addTo(sum);
        assertEquals(-0.5, sum.get(MajorityVote.VOTES, 0));
        assertEquals(2, sum.get(Segment.WEIGHT, 0));
        assertEquals(ModelDelta.of(layout, -1), round.decode(sum).aggregate());
    }

    /** Three of seven turn their updates round and make them a thousand times as long: the others' direction stays. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMinorityTurnsNoCoordinate(boolean signsOnly) {
        List<ClientId> ids = ClientId.numbered("client-", 7);
        Random random = new Random(5);
        double[] target = random.doubles(30, 1, 2).toArray();
        ClientProvider clients = Trouble.seeded(1)
                .of(new java.util.HashSet<>(ids.subList(0, 3)), Trouble.scaled(-1000))
                .around(ClientProvider.local(
                        ids, id -> new double[][] {target}, ModelPool.of(() -> new QuadraticModel(30))));
        org.fl4j.server.OpenServerBuilder builder = FederatedServer.with(MajorityVote.of(0.125));
        if (signsOnly) {
            builder.uplinkBy(Uplink.of(Codec.sign()));
        }
        try (FederatedServer server = builder.clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .build()) {
            ModelWeights end = server.run(ServerState.initial(new QuadraticModel(30).weights(), 3), 40)
                    .state()
                    .weights();
            List<Integer> off = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                if (Math.abs(end.get(i) - target[i]) > 0.125) {
                    off.add(i);
                }
            }
            assertTrue(off.isEmpty(), () -> "further off than a step: " + off);
        }
    }

    @Test
    void theStepIsPositive() {
        for (double step : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> MajorityVote.of(step));
        }
    }
}
