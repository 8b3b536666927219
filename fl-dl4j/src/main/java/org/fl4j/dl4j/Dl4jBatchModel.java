package org.fl4j.dl4j;

import java.util.Collection;
import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.RunInterruptedException;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.random.Seeds;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A DL4J network over mini-batches as DL4J has them: sequences of different lengths with masks, graphs with several inputs and outputs, data that are read
 * while they are trained on.
 *
 * <pre>{@code
 * ModelPool<Dl4jBatchModel> models = ModelPool.of(() -> Dl4jBatchModel.of(graph()));
 * ClientProvider clients = ClientProvider.local(ids, id -> BatchSource.ofDataSets(n(id), (size, seed) -> iterator(id, size, seed)), models);
 * }</pre>
 *
 * <p>All that {@link Dl4jModel} says of training holds here, but for plans: it trains and evaluates by DL4J alone. Layout and weights are those of a
 * {@code Dl4jModel} over the same network.
 *
 * <ul>
 *   <li>The order of examples is the source's. A mini-batch with more examples than the task asks for is an error, one with fewer than
 *       {@link LocalTraining#smallestBatch} is left out.
 *   <li>Training loss is DL4J's score without regularisation, a mean over examples of the sum over outputs and, of sequences, over the steps
 *       that their masks keep.
 *   <li>So is the loss in evaluation. Classes are counted of the first output, if that is a softmax or a single sigmoid and its labels are no sequences;
 *       statistics are of the first output too, of sequences {@code [b, classes, time]} those of the steps that its label mask keeps.
 * </ul>
 *
 * <p>Not thread-safe.
 */
public final class Dl4jBatchModel implements GradientModel<BatchSource> {

    private static final int EVALUATION_BATCH = 256;

    private final Dl4jModel model;
    private final NetworkAccess access;

    private Dl4jBatchModel(NetworkAccess access) {
        this.model = Dl4jModel.of(access);
        this.access = access;
    }

    /**
     * A model over a network.
     *
     * @param network initialised; belongs to the model from here on
     * @throws IllegalArgumentException as {@link Dl4jModel#of(MultiLayerNetwork)}
     */
    public static Dl4jBatchModel of(MultiLayerNetwork network) {
        return new Dl4jBatchModel(MultiLayerAccess.isolated(network));
    }

    /**
     * A model over a graph with any number of inputs and outputs.
     *
     * @param graph initialised; belongs to the model from here on
     * @throws IllegalArgumentException as {@link Dl4jModel#of(ComputationGraph)}, but for inputs and outputs
     */
    public static Dl4jBatchModel of(ComputationGraph graph) {
        return new Dl4jBatchModel(GraphAccess.isolated(graph));
    }

    @Override
    public ParameterLayout layout() {
        return model.layout();
    }

    @Override
    public ModelWeights weights() {
        return model.weights();
    }

    @Override
    public void load(ModelWeights weights) {
        model.load(weights);
    }

    @Override
    public ModelDelta displacementFrom(ModelWeights base) {
        return model.displacementFrom(base);
    }

    @Override
    public Collection<?> exclusiveState() {
        return model.exclusiveState();
    }

    @Override
    public LocalTraining.Report train(BatchSource data, LocalTraining how, GradientCorrection correction, long seed) {
        model.startAnew(how.learningRate());
        Nd4j.getRandom().setSeed(Seeds.derive(seed, "dropout"));
        return model.correcting(correction, () -> new Training(data, how, seed).run());
    }

    /** One client's training: passes over its data until there are enough epochs or steps. */
    private final class Training {

        private final BatchSource data;
        private final LocalTraining how;
        private final long seed;
        private long steps;
        private double losses;

        Training(BatchSource data, LocalTraining how, long seed) {
            this.data = data;
            this.how = how;
            this.seed = seed;
        }

        LocalTraining.Report run() {
            boolean isSteps = how.extent() == LocalTraining.Extent.STEPS;
            long most = isSteps ? how.count() : Long.MAX_VALUE;
            int passes = isSteps ? Integer.MAX_VALUE : how.count();
            for (int pass = 0; pass < passes && steps < most; pass++) {
                long before = steps;
                pass(pass, most);
                if (steps == before) {
                    break; // No mini-batch is large enough, in this pass and in every other.
                }
            }
            return new LocalTraining.Report(
                    data.examples(),
                    steps,
                    model.stepSizeSum(steps, how.learningRate()),
                    steps == 0 ? 0 : losses / steps);
        }

        private void pass(int pass, long most) {
            try (Pass batches = new Pass(data, how.batchSize(), Seeds.derive(seed, pass, "batches"))) {
                while (steps < most && batches.hasNext()) {
                    MultiDataSet batch = batches.next();
                    int n = Pass.size(batch);
                    if (n < how.smallestBatch()) {
                        continue;
                    }
                    double regularisation = model.regularisation();
                    access.fit(batch);
                    losses += model.meanLoss(access.network().score(), regularisation, n);
                    steps++;
                }
            }
        }
    }

    @Override
    public Evaluation evaluate(BatchSource data) {
        return evaluate(data, StatisticsSpec.NONE);
    }

    @Override
    public Evaluation evaluate(BatchSource data, StatisticsSpec statistics) {
        BatchTally tally = new BatchTally(access, statistics);
        try (Pass batches = new Pass(data, EVALUATION_BATCH, 0)) {
            while (batches.hasNext()) {
                MultiDataSet batch = batches.next();
                int n = Pass.size(batch);
                tally.add(batch, n, model.meanLoss(access.score(batch), model.regularisation(), n));
            }
        }
        return tally.evaluation();
    }

    /** One pass over a source, which is checked on the way. */
    private static final class Pass implements AutoCloseable {

        private final BatchSource data;
        private final int batchSize;
        private final BatchSource.Opened opened;
        private final Iterator<MultiDataSet> batches;
        private long seen;

        Pass(BatchSource data, int batchSize, long seed) {
            this.data = data;
            this.batchSize = batchSize;
            this.opened = data.open(batchSize, seed);
            this.batches = opened.batches();
        }

        static int size(MultiDataSet batch) {
            return Math.toIntExact(batch.getFeatures(0).size(0));
        }

        boolean hasNext() {
            if (batches.hasNext()) {
                return true;
            }
            if (seen != data.examples()) {
                throw new IllegalStateException("a client's source says that it has " + data.examples()
                        + " examples, but a pass over it had " + seen);
            }
            return false;
        }

        MultiDataSet next() {
            MultiDataSet batch = batches.next();
            int n = size(batch);
            if (n > batchSize) {
                throw new IllegalStateException(
                        "a mini-batch of " + batchSize + " examples was asked for, but the source's has " + n
                                + "; does its iterator take the batch size that it is opened with?");
            }
            seen += n;
            return batch;
        }

        @Override
        public void close() {
            if (opened.owner() instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (RuntimeException e) {
                    throw e;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new RunInterruptedException("interrupted while a client's source was closed");
                } catch (Exception e) {
                    throw new IllegalStateException("a client's source could not be closed: " + e, e);
                }
            }
        }
    }
}
