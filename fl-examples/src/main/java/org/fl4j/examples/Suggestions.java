package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.data.Examples;
import org.fl4j.data.TrainTest;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;

/** A federation that learns to suggest the next character; each client is tested on text of its own that it did not train on. */
final class Suggestions {

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
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(clients)
                        .selector(ClientSelector.uniform(cohort))
                        .localTraining(how)
                        .listeners(progress)
                        .build()) {
            state = server.run(state, rounds).state();
        }
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
