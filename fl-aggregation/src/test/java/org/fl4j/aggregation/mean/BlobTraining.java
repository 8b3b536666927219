package org.fl4j.aggregation.mean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Federated averaging of a DL4J network with dropout and Adam, whose models are pooled, on blobs around four corners. Its
 * matrices are large enough for native code to share them among threads, where it may. As a program it prints a digest
 * of the final weights.
 */
final class BlobTraining {

    private static final int FEATURES = 200;
    private static final int CLASSES = 4;
    private static final int CLIENTS = 12;
    private static final int EXAMPLES = 96;

    private final ModelPool<Dl4jModel> models = ModelPool.of(BlobTraining::network);
    private final List<Examples> data = new ArrayList<>();

    BlobTraining() {
        for (int client = 0; client <= CLIENTS; client++) {
            data.add(blobs(client));
        }
    }

    public static void main(String[] args) throws IOException {
        ServerState end = new BlobTraining().run(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
        System.out.write(("digest " + end.weights().fingerprint() + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    ServerState start() {
        return ServerState.initial(network().weights(), 2024);
    }

    ServerState run(int rounds, int threads) {
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(ClientProvider.of(
                                ClientId.numbered("", CLIENTS),
                                id -> LocalClient.of(id, data.get(Integer.parseInt(id.value())), models)))
                        .selector(ClientSelector.uniform(8))
                        .localTraining(LocalTraining.epochs(2).withBatchSize(48).withLearningRate(0.002))
                        .runner(runner)
                        .build()) {
            return server.run(start(), rounds).state();
        }
    }

    /** On examples that no client has. */
    Evaluation evaluate(ServerState state) {
        return models.with(model -> {
            model.load(state.weights());
            return model.evaluate(data.get(CLIENTS));
        });
    }

    private static Examples blobs(int client) {
        DeterministicRandom random = new DeterministicRandom(1000 + client);
        float[] features = new float[EXAMPLES * FEATURES];
        int[] labels = new int[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            labels[i] = random.nextInt(CLASSES);
            for (int j = 0; j < FEATURES; j++) {
                features[i * FEATURES + j] = (float) ((j % CLASSES == labels[i] ? 1 : 0) + random.nextGaussian());
            }
        }
        return Examples.classified(features, labels, CLASSES, FEATURES);
    }

    private static Dl4jModel network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .weightInit(WeightInit.XAVIER)
                .updater(new Adam(0.1))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(FEATURES)
                        .nOut(500)
                        .activation(Activation.TANH)
                        .dropOut(0.8)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(500)
                        .nOut(64)
                        .activation(Activation.TANH)
                        .dropOut(0.5)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(64)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return Dl4jModel.of(network);
    }
}
