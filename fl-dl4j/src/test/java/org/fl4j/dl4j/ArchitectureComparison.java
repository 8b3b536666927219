package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.MiniBatches;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * One random architecture by its plan, by DL4J in FP32 and FP64, and by the reference: gradients and losses at equal weights
 * at three points of DL4J's trajectory, the losses of an evaluation, and the steps of the seed's own updater, terms and
 * normalisations from equal weights over two epochs.
 *
 * <p>A gradient is read off a step of plain SGD that is so long that the weights are lost in its rounding. Plan and DL4J may
 * differ by {@link #TOLERANCE} of a tensor's norm, or by the tensor's floor if that is more: {@link #OF_ROUNDING} times the
 * root mean square distance of {@value #PASSES} passes of the reference in randomly rounded FP32 from that in FP64. So the
 * floor is what any computation in FP32 must be granted, such as for a bias before a batch normalisation, whose gradient is a
 * sum that cancels; it follows from architecture, weights and data, and from nothing that the plan or DL4J gave.
 */
final class ArchitectureComparison {

    /** Between plan and DL4J, relative to the Euclidean norm of a tensor's gradient. */
    static final double TOLERANCE = 1e-5;

    /** Between DL4J in FP64 and the reference. */
    static final double EXACT = 1e-9;

    /** Of the reference in randomly rounded FP32. */
    static final int PASSES = 8;

    /**
     * Of the floor to the root mean square error of a pass. Random rounding has twice the error of rounding to the nearest, so the
     * difference of two computations that round to the nearest has the deviation 1 / sqrt(2) of a pass. An estimate by
     * {@value #PASSES} passes is less than half of what it estimates once in 50, if the error is one normal number. Then this is four
     * deviations: {@code 4 * 2 / sqrt(2)}, rounded up.
     */
    static final double OF_ROUNDING = 6;

    /**
     * Of a displacement over six steps. Each step's gradient is that of weights that differ already, and a Hessian of norm
     * up to 1 / rate lets a difference grow twofold a step; a quotient's step, {@code g / (|g| + epsilon)} with epsilon at least 1e-2, has no
     * greater relative error than its gradient.
     */
    static final double OF_STEPS = 2e-4;

    /** Share of all displacement that is rounding noise in one tensor, such as that of a bias before a batch normalisation. */
    static final double OF_ALL_STEPS = 2e-5;

    /** A weight whose sign is not sure, after a step. */
    static final double ZERO = 4e-6;

    /** Units in the last place that a value must be off a kink. */
    static final double KINK = 32;

    /** A learning rate: weights are lost even in the rounding of a gradient of 1e-9 times this. */
    private static final double LONG = 1L << 40;

    /** What came out. */
    record Outcome(
            long seed,
            String architecture,
            boolean nearKink,
            boolean stepsNearKink,
            int tensors,
            int noise,
            int decided,
            List<String> differences) {}

    private final long seed;
    private final RandomArchitecture architecture;
    private final Examples data;
    private final ReferenceNetwork reference;
    private final List<String> differences = new ArrayList<>();
    private int tensors;
    private int noise;
    private int decided;

    private ArchitectureComparison(long seed) {
        this.seed = seed;
        this.architecture = RandomArchitecture.of(seed, DataType.FLOAT);
        this.data = architecture.data();
        this.reference = architecture.reference();
    }

    static Outcome of(long seed) {
        ArchitectureComparison comparison = new ArchitectureComparison(seed);
        boolean nearKink = comparison.gradients();
        boolean stepsNearKink = comparison.steps();
        return new Outcome(
                seed,
                comparison.architecture.toString(),
                nearKink,
                stepsNearKink,
                comparison.tensors,
                comparison.noise,
                comparison.decided,
                nearKink ? List.of() : comparison.differences);
    }

    private NetworkAccess network(DataType type, boolean plain) {
        RandomSteps rules = plain ? RandomSteps.plainSgd() : RandomSteps.of(seed, architecture.normalises());
        return RandomArchitecture.of(seed, type).network(rules);
    }

    static Dl4jModel model(NetworkAccess access) {
        return access.network() instanceof ComputationGraph graph
                ? Dl4jModel.of(graph)
                : Dl4jModel.of((MultiLayerNetwork) access.network());
    }

    private Dl4jModel byPlan(boolean plain) {
        NetworkAccess network = network(DataType.FLOAT, plain);
        assertDoesNotThrow(() -> PlanCompiler.compile(network, data, 4), architecture.toString());
        return model(network);
    }

    /** DL4J's initial weights with something added to all of them; of exact architectures multiples of a quarter. */
    private ModelWeights start(ModelWeights initial) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[initial.layout().length()];
        for (int i = 0; i < values.length; i++) {
            double value = initial.get(i) + 0.3 * random.nextDouble() - 0.15;
            values[i] = (float) (architecture.isExact() ? Math.rint(4 * value) / 4 : value);
        }
        return ModelWeights.copyOf(initial.layout(), values);
    }

    private static double[] values(ModelWeights weights) {
        double[] values = new double[weights.layout().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights.get(i);
        }
        return values;
    }

    /** Whether a kink was too near somewhere. */
    private boolean gradients() {
        Dl4jModel byPlan = byPlan(true);
        Dl4jModel byDl4j = model(network(DataType.FLOAT, true)).withoutPlans();
        Dl4jModel inDouble = model(network(DataType.DOUBLE, true));
        ModelWeights at = start(byPlan.weights());
        for (int point = 0; point < 3; point++) {
            int size = point == 1 ? architecture.rest() : architecture.batch();
            LocalTraining how = LocalTraining.steps(1).withBatchSize(size).withLearningRate(LONG);
            double[] exact = new double[at.layout().length()];
            double loss = reference(values(at), how, point, 0, ReferenceRounding.NONE, exact);
            if (reference.margin() < KINK) {
                return true;
            }
            double[] errors = roundingErrors(at, how, point, exact);
            ModelWeights exactly = ModelWeights.copyOf(inDouble.layout(), values(at));
            double[][] gradients = {exact, new double[exact.length], new double[exact.length], new double[exact.length]
            };
            double mine = gradient(byPlan, at, how, point, gradients[1]);
            double theirs = gradient(byDl4j, at, how, point, gradients[2]);
            double theirsExactly = gradient(inDouble, exactly, how, point, gradients[3]);
            require("loss in FP64", theirsExactly, loss, EXACT);
            require("loss", theirs, mine, TOLERANCE);
            for (ParameterSpec tensor : at.layout().specs()) {
                compare(tensor, at, gradients, errors, point);
            }
            evaluate(byPlan, byDl4j, at);
            byDl4j.load(at);
            double rate = 0.05 / Math.max(1, distance(exact, new double[exact.length], 0, exact.length));
            byDl4j.train(data, how.withBatchSize(architecture.batch()).withLearningRate(rate), 100 + point);
            at = byDl4j.weights();
        }
        return false;
    }

    private void evaluate(Dl4jModel byPlan, Dl4jModel byDl4j, ModelWeights at) {
        byPlan.load(at);
        byDl4j.load(at);
        require(
                "loss of the evaluation",
                byDl4j.evaluate(data).loss(),
                byPlan.evaluate(data).loss(),
                TOLERANCE);
    }

    private void require(String what, double expected, double actual, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance * Math.abs(expected))) {
            differences.add(what + ": " + expected + " and " + actual);
        }
    }

    /** The loss and gradient of a model; of statistics what they lose by the step. */
    private double gradient(Dl4jModel model, ModelWeights at, LocalTraining how, long batches, double[] into) {
        model.load(at);
        double loss = model.train(data, how, batches).loss();
        var displacement = model.displacementFrom(at);
        for (int i = 0; i < into.length; i++) {
            boolean trainable = at.layout().at(i).role() == ParameterSpec.Role.TRAINABLE;
            into[i] = -displacement.get(i) / (trainable ? LONG : 1);
        }
        return loss;
    }

    /** The loss and gradient of the reference at a step's mini-batch. */
    private double reference(
            double[] weights,
            LocalTraining how,
            long seedOfBatches,
            int step,
            ReferenceRounding rounding,
            double[] gradient) {
        MiniBatches batches = new MiniBatches(data.size(), how, seedOfBatches);
        for (int i = 0; i <= step; i++) {
            batches.next();
        }
        double[][] x = new double[batches.size()][data.featureLength()];
        double[][] labels = new double[batches.size()][data.labelLength()];
        float[] values = new float[Math.max(data.featureLength(), data.labelLength())];
        for (int e = 0; e < x.length; e++) {
            data.copyFeatures(batches.example(e), values, 0);
            for (int i = 0; i < x[e].length; i++) {
                x[e][i] = values[i];
            }
            data.copyLabel(batches.example(e), values, 0);
            for (int i = 0; i < labels[e].length; i++) {
                labels[e][i] = values[i];
            }
        }
        return reference.pass(weights, x, labels, rounding, gradient);
    }

    /** Root mean square errors of the reference's gradient in randomly rounded FP32. */
    private double[] roundingErrors(ModelWeights at, LocalTraining how, long seedOfBatches, double[] exact) {
        double[] errors = new double[exact.length];
        for (int pass = 0; pass < PASSES; pass++) {
            double[] rounded = new double[exact.length];
            ReferenceRounding rounding = ReferenceRounding.randomly(PASSES * seedOfBatches + pass);
            reference(values(at), how, seedOfBatches, 0, rounding, rounded);
            for (int i = 0; i < errors.length; i++) {
                errors[i] += (rounded[i] - exact[i]) * (rounded[i] - exact[i]) / PASSES;
            }
        }
        return Arrays.stream(errors).map(Math::sqrt).toArray();
    }

    /** Gradients by the reference, the plan, DL4J and DL4J in FP64. */
    private void compare(ParameterSpec tensor, ModelWeights at, double[][] g, double[] errors, int point) {
        ParameterLayout.Span span = at.layout().span(tensor.name());
        double[] zero = new double[g[0].length];
        double norm = distance(g[0], zero, span.from(), span.to());
        // Of values that cancel, however exactly.
        double rounding = 1e-12 * distance(g[0], zero, 0, zero.length);
        double exact = distance(g[3], g[0], span.from(), span.to());
        double theirs = distance(g[2], g[3], span.from(), span.to());
        double mine = distance(g[1], g[0], span.from(), span.to());
        double between = distance(g[1], g[2], span.from(), span.to());
        String where = "point " + point + ", " + tensor.name() + " of norm " + norm;
        tensors++;
        if (!(exact <= EXACT * norm + rounding)) {
            differences.add(where + ": reference differs from DL4J in FP64 by " + exact);
        }
        double error = distance(errors, zero, span.from(), span.to());
        double floor = OF_ROUNDING * error;
        noise += floor > TOLERANCE * norm ? 1 : 0;
        decided += between > TOLERANCE * norm ? 1 : 0;
        double most = Math.max(TOLERANCE * norm, floor);
        if (!(between <= most) || !(mine <= most)) {
            differences.add(where + ": plan differs from DL4J by " + between + ", from the reference by " + mine
                    + ", DL4J from itself by " + theirs + ", floor " + floor);
        }
    }

    private static double distance(double[] a, double[] b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    /** Records what weights a network had before each step. */
    private static final class Recorder extends BaseTrainingListener {

        private final List<double[]> weights = new ArrayList<>();

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            weights.add(model.params().dup().data().asDouble());
        }
    }

    /** Whether a kink was too near at some step. */
    private boolean steps() {
        RandomSteps rules = RandomSteps.of(seed, architecture.normalises());
        rules.builder();
        Dl4jModel byPlan = byPlan(false);
        NetworkAccess listened = network(DataType.FLOAT, false);
        Recorder recorder = new Recorder();
        listened.network().setListeners(recorder);
        Dl4jModel byDl4j = model(listened);
        ModelWeights start = start(byPlan.weights());
        LocalTraining how = LocalTraining.epochs(2).withBatchSize(architecture.batch());
        double[] first = new double[start.layout().length()];
        reference(values(start), how, 9, 0, ReferenceRounding.NONE, first);
        if (reference.margin() < KINK) {
            return true;
        }
        // No training that explodes.
        how = how.withLearningRate(
                rules.rate() / Math.max(1, distance(first, new double[first.length], 0, first.length)));
        byDl4j.load(start);
        double theirs = byDl4j.train(data, how, 9).loss();
        byPlan.load(start);
        double mine = byPlan.train(data, how, 9).loss();
        recorder.weights.add(0, values(start));
        for (int step = 0; step < recorder.weights.size() - 1; step++) {
            double[] gradient = new double[start.layout().length()];
            reference(recorder.weights.get(step), how, 9, step, ReferenceRounding.NONE, gradient);
            if (reference.margin() < KINK * (step + 1)) {
                return true;
            }
            if (rules.hasL1() && step > 0 && smallest(recorder.weights.get(step)) < ZERO) {
                return true;
            }
        }
        require("loss of steps by " + rules, theirs, mine, OF_STEPS);
        double[] moved = minus(values(byDl4j.weights()), values(start));
        double[] movedByPlan = minus(values(byPlan.weights()), values(start));
        double[] zero = new double[moved.length];
        double all = distance(moved, zero, 0, moved.length);
        for (ParameterSpec tensor : start.layout().specs()) {
            ParameterLayout.Span span = start.layout().span(tensor.name());
            double norm = distance(moved, zero, span.from(), span.to());
            double rounded = Math.scalb(distance(values(start), zero, span.from(), span.to()), -21);
            double between = distance(moved, movedByPlan, span.from(), span.to());
            if (!(between <= OF_STEPS * norm + rounded + OF_ALL_STEPS * all)) {
                differences.add(tensor.name() + " moved by " + norm + " of " + all + " by " + rules
                        + ": plan differs from DL4J by " + between + " relative " + between / norm);
            }
        }
        return false;
    }

    private static double smallest(double[] weights) {
        return Arrays.stream(weights).map(Math::abs).min().orElse(1);
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
