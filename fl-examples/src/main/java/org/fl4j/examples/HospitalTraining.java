package org.fl4j.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdagrad;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.optimizer.FedYogi;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.data.TrainTest;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.fl4j.weights.ModelWeights;

/** Trains every contender on one split, each by as many rounds of as many local steps. */
final class HospitalTraining {

    private static final List<Contender> CONTENDERS = List.of(
            Contender.of("FedAvg", FedAvg.byExamples()),
            Contender.of("FedProx, mu 1", FedProx.of(1)),
            new Contender("FedAdam", FedAvg.byExamples(), FedAdam.withLearningRate(0.05)),
            new Contender("FedYogi", FedAvg.byExamples(), FedYogi.withLearningRate(0.05)),
            new Contender("FedAdagrad", FedAvg.byExamples(), FedAdagrad.withLearningRate(0.1)),
            Contender.of("SCAFFOLD", Scaffold.on(FedAvg.byExamples())));

    private final int rounds;
    private final LocalTraining how;
    private final ModelWeights start;
    private final ModelPool<SoftmaxRegression> models = ModelPool.of(() -> new SoftmaxRegression(Hospital.FEATURES, 2));

    HospitalTraining(int rounds, int steps, int batch, double learningRate) {
        this.rounds = rounds;
        this.how = LocalTraining.steps(steps).withBatchSize(batch).withLearningRate(learningRate);
        this.start = models.with(SoftmaxRegression::weights);
    }

    Map<String, HospitalScore> scores(HospitalSplit split, long seed) {
        Map<String, HospitalScore> scores = new LinkedHashMap<>();
        Contender alone = CONTENDERS.get(0);
        List<HospitalScore> single = new ArrayList<>();
        for (TrainTest hospital : split.hospitals()) {
            single.add(score(split, train(alone, List.of(hospital.training()), seed)));
        }
        scores.put("one hospital's, mean", HospitalScore.mean(single));
        scores.put("pooled patients", score(split, train(alone, List.of(split.pooledTraining()), seed)));
        List<Examples> each =
                split.hospitals().stream().map(TrainTest::training).toList();
        for (Contender contender : CONTENDERS) {
            ModelWeights weights = train(contender, each, seed);
            scores.put(contender.name(), score(split, weights));
            if (contender.equals(alone)) {
                scores.put(contender.name() + ", fine-tuned", fineTuned(split, weights, seed));
            }
        }
        return scores;
    }

    /** A federation of one client is training on its data alone. */
    private ModelWeights train(Contender contender, List<Examples> clients, long seed) {
        try (InProcessRunner runner = InProcessRunner.of(Math.min(clients.size(), 2));
                FederatedServer server = FederatedServer.with(contender.rule())
                        .clients(Population.of(clients).over(models))
                        .optimizer(contender.optimizer())
                        .localTraining(how)
                        .runner(runner)
                        .build()) {
            ServerState state = ServerState.initial(start, seed);
            return server.run(state, rounds).state().weights();
        }
    }

    /** Each hospital trains the global weights for one more round on its own patients, and keeps what comes of it. */
    private HospitalScore fineTuned(HospitalSplit split, ModelWeights weights, long seed) {
        return score(split.hospitals().stream()
                .map(hospital -> models.with(model -> {
                    model.load(weights);
                    model.train(hospital.training(), how, Seeds.derive(seed, "fine-tuning"));
                    return model.evaluate(hospital.test());
                }))
                .toList());
    }

    private HospitalScore score(HospitalSplit split, ModelWeights weights) {
        return score(split.hospitals().stream()
                .map(hospital -> models.with(model -> {
                    model.load(weights);
                    return model.evaluate(hospital.test());
                }))
                .toList());
    }

    private static HospitalScore score(List<Evaluation> each) {
        Evaluation pooled = each.stream().reduce(Evaluation.NONE, Evaluation::plus);
        return new HospitalScore(
                pooled.accuracy().orElseThrow(),
                each.stream().map(e -> e.accuracy().orElseThrow()).toList());
    }
}
