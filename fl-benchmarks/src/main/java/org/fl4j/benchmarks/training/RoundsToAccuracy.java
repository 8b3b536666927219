package org.fl4j.benchmarks.training;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.IdxReader.ImageShape;
import org.fl4j.data.Partitioner;
import org.fl4j.model.LocalTraining;

/**
 * Communication rounds until a test accuracy, as in tables 1 and 2 of McMahan et al. (AISTATS 2017): 100 clients of 600
 * digits, 10 a round, B = 10. The learning rate is chosen on the IID division and kept for that by two shards a client.
 */
final class RoundsToAccuracy {

    /** How many times the paper's rounds a run goes on at most. */
    private static final double PATIENCE = 1.3;

    /**
     * A network of the paper and its two rows.
     *
     * @param iidRounds the paper's, on IID data
     * @param shardRounds the paper's, with two shards a client
     * @param rates to choose from
     */
    record Network(
            String title,
            Supplier<MultiLayerNetwork> network,
            ImageShape shape,
            int epochs,
            double target,
            int iidRounds,
            int shardRounds,
            List<Double> rates) {

        /** Table 1, E = 1, C = 0.1: 97 %. */
        static final Network TWO_LAYERS =
                new Network("2nn", Networks::twoLayers, ImageShape.FLAT, 1, 0.97, 87, 664, List.of(0.1, 0.2, 0.05));

        /** Table 2, E = 5, B = 10: 99 %. */
        static final Network CNN = new Network(
                "cnn", Networks::digitCnn, ImageShape.CHANNELS_FIRST, 5, 0.99, 20, 229, List.of(0.1, 0.05, 0.2));
    }

    private final Network network;
    private final WorkloadOptions options;
    private final PrintStream progress;

    RoundsToAccuracy(Network network, WorkloadOptions options, PrintStream progress) {
        this.network = network;
        this.options = options;
        this.progress = progress;
    }

    /** Passes a line for each run. */
    void measure(Supplier<JsonLine> lines, Consumer<JsonLine> results) {
        int fewest = options.roundsOr((int) Math.ceil(PATIENCE * network.iidRounds));
        List<Double> rates = new ArrayList<>(options.rate > 0 ? List.of(options.rate) : network.rates);
        double best = rates.get(0);
        boolean any = false;
        for (double rate : rates) {
            OptionalInt reached = run("IID", Partitioner.iid(), rate, network.iidRounds, fewest, lines, results);
            if (reached.isPresent() && (!any || reached.getAsInt() < fewest)) {
                any = true;
                fewest = reached.getAsInt();
                best = rate;
            }
        }
        if (!options.iidOnly) {
            int most = options.roundsOr((int) Math.ceil(PATIENCE * network.shardRounds));
            run("two shards a client", Partitioner.shards(2), best, network.shardRounds, most, lines, results);
        }
    }

    private OptionalInt run(
            String division,
            Partitioner partitioner,
            double rate,
            int published,
            int most,
            Supplier<JsonLine> lines,
            Consumer<JsonLine> results) {
        progress.println(network.title + ", " + division + ", learning rate " + rate);
        LocalTraining training =
                LocalTraining.epochs(network.epochs).withBatchSize(10).withLearningRate(rate);
        Workload workload = Digits.divided(options, network.shape, partitioner, division, network.network, training)
                .lasting(most, 1);
        TrainingRun run = new TrainingRun(workload, options, network.target, progress);
        JsonLine line = run.run(lines.get()
                .add("network", network.title)
                .add("learningRate", rate, 3)
                .add("target", network.target, 2));
        OptionalInt reached = run.reached();
        line.add("roundsToTarget", reached.isPresent() ? reached.getAsInt() : Double.NaN, 0)
                .add("publishedRounds", published);
        results.accept(line);
        return reached;
    }
}
