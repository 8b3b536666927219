package org.fl4j.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientStateStore;
import org.fl4j.client.ObjectiveId;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelDelta;
import org.fl4j.random.Seeds;

/** What a builder has put together, the same in every round. */
record ServerSettings(
        ClientProvider clients,
        ClientSelector selector,
        LocalTraining localTraining,
        LearningRateSchedule learningRates,
        ObjectiveId objective,
        ServerOptimizer optimizer,
        RoundPolicy policy,
        ClientRunner runner,
        ClientStateStore clientStates,
        List<RoundListener> listeners,
        Optional<CheckpointStore> checkpoints) {

    TrainingTask task(ServerState state, Map<String, ModelDelta> vectors, ClientId client) {
        int round = state.round() + 1;
        return new TrainingTask(
                round,
                state.weights(),
                localTraining.withLearningRate(learningRates.at(round)),
                objective,
                vectors,
                Seeds.derive(state.seed(), round, client.value(), "training"));
    }
}
