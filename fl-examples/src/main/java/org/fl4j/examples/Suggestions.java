package org.fl4j.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.data.TrainTest;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.monitoring.CsvSink;
import org.fl4j.monitoring.Monitoring;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;

/** A federation that learns to suggest the next character; each client is tested on text of its own that it did not train on. */
final class Suggestions {

    private static final int EVALUATION_INTERVAL = 10;

    private final ClientProvider clients;
    private ServerState state;

    Suggestions(List<TrainTest> texts, ModelPool<GradientModel<Examples>> models, long seed) {
        Population training =
                Population.of(texts.stream().map(TrainTest::training).toList());
        Population test = Population.of(texts.stream().map(TrainTest::test).toList());
        this.clients = training.over(models, test);
        this.state = ServerState.initial(models.initialWeights(), seed);
    }

    void train(int rounds, int cohort, LocalTraining how) {
        try (RoundProgress progress = new RoundProgress();
                FederatedServer server = server(cohort, how).listeners(progress).build()) {
            state = server.run(state, rounds).state();
        }
    }

    /** Trains up to a round, from where the run in this folder was interrupted; its {@code rounds.csv} has a test every ten rounds. */
    void trainIn(Path folder, int rounds, int cohort, LocalTraining how, StatisticsSpec statistics) {
        try (RoundProgress progress = new RoundProgress();
                Monitoring monitoring = Monitoring.to(CsvSink.in(folder.resolve("rounds.csv")));
                InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors())) {
            Evaluation.Listener curve = monitoring.evaluations("test");
            FederatedEvaluation evaluation = FederatedEvaluation.every(
                            EVALUATION_INTERVAL, clients, runner, (round, sum) -> {
                                curve.evaluated(round, sum);
                                progress.evaluated(round, sum);
                            })
                    .collecting(statistics);
            try (FederatedServer server = server(cohort, how)
                    .runner(runner)
                    .checkpoints(CheckpointStore.in(folder.resolve("checkpoints")))
                    .listeners(progress, evaluation, monitoring)
                    .build()) {
                state = server.runUntil(rounds, state);
            }
        }
    }

    private ServerBuilder server(int cohort, LocalTraining how) {
        return FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .selector(ClientSelector.uniform(cohort))
                .localTraining(how);
    }

    /** How each client does with the current weights, and what it has for itself, character by character. */
    @SuppressWarnings("try") // pinned while clients evaluate, as in a round
    List<Evaluation> evaluate(EvaluationTask.Evaluated of, StatisticsSpec statistics) throws Exception {
        EvaluationTask task = new EvaluationTask(state.round(), state.weights(), of).collecting(statistics);
        List<Evaluation> each = new ArrayList<>();
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            for (ClientId id : clients.ids()) {
                each.add(clients.client(id).evaluate(task));
            }
        }
        return each;
    }
}
