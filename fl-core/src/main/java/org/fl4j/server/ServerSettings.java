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
import org.fl4j.client.Delivery;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.compression.Downlink;
import org.fl4j.compression.Uplink;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.model.LocalTraining;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.weights.ModelWeights;

/** What a builder has put together, the same in every round. */
record ServerSettings(
        ClientProvider clients,
        ClientSelector selector,
        RoundContext.CohortVisibility cohort,
        LocalTraining localTraining,
        LearningRateSchedule learningRates,
        ObjectiveSpec objective,
        PersonalTraining personal,
        Uplink uplink,
        Downlink downlink,
        Optional<ModelWeights> frozen,
        Optional<Validation> validation,
        Optional<TimeBudget> timeBudget,
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

    /** What a client is to hold after a round, so that it need not be sent again. */
    Delivery.Held held() {
        if (downlink.asDeltas()) {
            return Delivery.Held.WEIGHTS;
        }
        return frozen.isPresent() ? Delivery.Held.FROZEN : Delivery.Held.NOTHING;
    }

    /** Whether logs may name clients and count them. */
    boolean isOpen(Aggregator rule) {
        return !rule.isPrivate() || revealsFailures;
    }

    /** A new count of a round's bytes, of what a report may hold. */
    TrafficCount count(Aggregator rule) {
        if (!rule.isPrivate()) {
            return new TrafficCount(TrafficCount.Detail.EVERY_MESSAGE);
        }
        return new TrafficCount(countsMessages(rule) ? TrafficCount.Detail.COUNTS : TrafficCount.Detail.NOTHING);
    }

    /** What listeners may keep of a run under this rule. */
    Disclosure disclosure(Aggregator rule) {
        if (!countsMessages(rule)) {
            return Disclosure.RELEASES;
        }
        return rule.isPrivate() || rule instanceof SecureAggregator ? Disclosure.COUNTS : Disclosure.CLIENTS;
    }

    /** Whether a report may tell how many messages there were. */
    boolean countsMessages(Aggregator rule) {
        return !rule.isPrivate() || cohort == RoundContext.CohortVisibility.EVERYBODY;
    }

    /** How clients train in a round. A schedule that answers nonsense is the caller's bug, so it is asked before any client. */
    LocalTraining scheduledAt(int round) {
        return localTraining.withLearningRate(learningRates.at(round));
    }

    /** With the rate as it was reduced on plateaus up to a state. */
    LocalTraining trainingAt(int round, ServerState from) {
        LocalTraining scheduled = scheduledAt(round);
        double factor = Validation.clientFactor(from);
        return factor == 1 ? scheduled : scheduled.withLearningRate(scheduled.learningRate() * factor);
    }
}
