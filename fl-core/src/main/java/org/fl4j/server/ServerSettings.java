package org.fl4j.server;

import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;

/** What a builder has put together, the same in every round. */
record ServerSettings(
        ClientProvider clients,
        ClientSelector selector,
        RoundContext.CohortVisibility cohort,
        LocalTraining localTraining,
        LearningRateSchedule learningRates,
        ObjectiveSpec objective,
        PersonalTraining personal,
        ServerOptimizer optimizer,
        RoundPolicy policy,
        Optional<AsynchronousRounds> asynchronous,
        LongFunction<ClientRunner> runners,
        BusyClients busy,
        ClientStateStore clientStates,
        boolean revealsFailures,
        List<RoundListener> listeners,
        Optional<CheckpointStore> checkpoints) {

    /** The runner for a round whose updates have about this many bytes. */
    ClientRunner runner(long bytes) {
        return runners.apply(bytes);
    }

    /** What a rule may assume of how a cohort came about. A buffer has a public size, and nothing is known of who is in it. */
    SamplingScheme sampling() {
        return asynchronous
                .<SamplingScheme>map(rounds -> new SamplingScheme.FixedSize(rounds.buffer()))
                .orElseGet(selector::scheme);
    }

    /** Whether logs may name clients and count them. */
    boolean isOpen(Aggregator rule) {
        return !rule.isPrivate() || revealsFailures;
    }

    /** How clients train in a round. A schedule that answers nonsense is the caller's bug, so it is asked before any client. */
    LocalTraining trainingAt(int round) {
        return localTraining.withLearningRate(learningRates.at(round));
    }
}
