package org.fl4j.examples;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.Examples;
import org.fl4j.data.TrainTest;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.accounting.NoiseCalibration;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ExampleDifferentialPrivacy;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Hospitals that hide each of their patients by DP-SGD, with the settings of FLamby's example of privacy (Ogier du Terrail et al., NeurIPS 2022):
 * 15 rounds of 100 steps, mini-batches of 4 on average, learning rate 0.001, gradients clipped to 1.1, logistic regression from random weights. Each hospital
 * calibrates its noise to the budget over all steps, for the number of its patients, which is declared.
 */
final class HiddenPatients {

    private static final int ROUNDS = 15;
    private static final int STEPS = 100;
    private static final int BATCH = 4;
    private static final double LEARNING_RATE = 0.001;
    private static final double CLIP_NORM = 1.1;

    /** Sums of four gradients on average are divided by three: Opacus, which that example uses, rounds the size of a batch down. */
    private static final int DIVISOR = 3;

    private final List<Double> epsilons;
    private final double privacyDelta;

    /** The noise multiplier for a budget and a number of patients, which takes longer to find than a run takes. */
    private final Map<PrivacyTarget, Map<Integer, Double>> calibrated = new HashMap<>();

    HiddenPatients(List<Double> epsilons, double privacyDelta) {
        this.epsilons = List.copyOf(epsilons);
        this.privacyDelta = privacyDelta;
    }

    /** Without privacy, then by falling epsilon. */
    Map<String, HospitalScore> scores(HospitalSplit split, long seed) {
        Map<String, HospitalScore> scores = new LinkedHashMap<>();
        scores.put("patients not hidden", score(split, Optional.empty(), seed));
        for (double epsilon : epsilons) {
            PrivacyTarget budget = PrivacyTarget.pure(epsilon).withPrivacyDelta(privacyDelta);
            scores.put("hidden, epsilon " + epsilon, score(split, Optional.of(budget), seed));
        }
        return scores;
    }

    private HospitalScore score(HospitalSplit split, Optional<PrivacyTarget> budget, long seed) {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(network(seed)));
        List<ClientId> ids = ClientId.numbered("hospital-", split.hospitals().size());
        Map<ClientId, Examples> patients = new LinkedHashMap<>();
        Map<ClientId, UnaryOperator<Client>> hiding = new LinkedHashMap<>();
        IntStream.range(0, ids.size()).forEach(h -> {
            Examples its = split.hospitals().get(h).training();
            patients.put(ids.get(h), its);
            hiding.put(ids.get(h), budget.map(b -> hiding(its.size(), b)).orElse(UnaryOperator.identity()));
        });
        ClientProvider clients = ClientProvider.local(ids, patients::get, models)
                .decorated(client ->
                        Objects.requireNonNull(hiding.get(client.id())).apply(client));
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(LocalTraining.steps(STEPS)
                        .withBatchSize(budget.isPresent() ? DIVISOR : BATCH)
                        .withLearningRate(LEARNING_RATE))
                .build()) {
            ServerState end = server.run(ServerState.initial(models.initialWeights(), seed), ROUNDS)
                    .state();
            List<Double> each = new ArrayList<>();
            for (TrainTest hospital : split.hospitals()) {
                each.add(models.with(model -> {
                    model.load(end.weights());
                    return model.evaluate(hospital.test()).accuracy().orElseThrow();
                }));
            }
            // FLamby's figure: the mean over hospitals, whatever their size.
            return new HospitalScore(each.stream().mapToDouble(a -> a).average().orElseThrow(), each);
        }
    }

    /** The least noise for the budget over all steps of all rounds. */
    private UnaryOperator<Client> hiding(int patients, PrivacyTarget budget) {
        double q = (double) BATCH / patients;
        double z = calibrated
                .computeIfAbsent(budget, b -> new HashMap<>())
                .computeIfAbsent(
                        patients,
                        n -> NoiseCalibration.reaching(budget)
                                .sampling(q)
                                .rounds((long) ROUNDS * STEPS)
                                .noiseMultiplier());
        return ExampleDifferentialPrivacy.clippedTo(CLIP_NORM)
                .withNoise(z)
                .sampling(q)
                .weighing(patients)
                .within(budget)::around;
    }

    /** One sigmoid unit; weights begin uniform in {@code +-1 / sqrt(inputs)}. */
    private static MultiLayerNetwork network(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.UNIFORM)
                .updater(new Sgd())
                .list(new OutputLayer.Builder(LossFunction.XENT)
                        .activation(Activation.SIGMOID)
                        .nIn(Hospital.FEATURES)
                        .nOut(1)
                        .build())
                .build());
        network.init();
        return network;
    }
}
