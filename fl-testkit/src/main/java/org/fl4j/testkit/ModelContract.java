package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The laws of a {@link Model}. Extend it for a model of your own, or {@link GradientModelContract} for one that is a
 * {@link GradientModel}:
 *
 * <pre>{@code
 * class MyModelTest extends ModelContract<Examples> {
 *     protected Model<Examples> model() { return new MyModel(4, 3); }
 *     protected Examples data(int examples) { ... }
 * }
 * }</pre>
 *
 * <p>Small models do: the suite trains about fifty times, on 40 examples at most, and evaluates 300.
 *
 * @param <D> the type of a client's data
 */
public abstract class ModelContract<D> {

    /** The learning rate of the suite unless a subclass asks for another: {@value}. */
    protected static final double LEARNING_RATE = 0.125;

    private static final long SEED = 20;

    private static int ompThreads;
    private static int blasThreads;

    /** As the server does while a run is active: the bits of a training depend on how many native threads there are. */
    @BeforeAll
    static void pinNativeThreads() {
        blasThreads = Nd4j.factory().blas().getMaxThreads();
        ompThreads = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
        setNativeThreads(1, 1);
    }

    @AfterAll
    static void releaseNativeThreads() {
        setNativeThreads(ompThreads, blasThreads);
    }

    /**
     * A fresh model.
     *
     * @return every time a new one, of equal layout
     */
    protected abstract Model<D> model();

    /**
     * Some examples to train on, the same whenever it is called. They should differ from each other, so that their
     * order matters.
     *
     * @param examples how many, at least 0
     * @return the data
     */
    protected abstract D data(int examples);

    /**
     * How many classes an evaluation counts.
     *
     * @return 0, the default, where labels are not classes
     */
    protected int classes() {
        return 0;
    }

    /**
     * Statistics that an evaluation can collect.
     *
     * @return {@link StatisticsSpec#NONE}, the default, of a model that collects none
     */
    protected StatisticsSpec statistics() {
        return StatisticsSpec.NONE;
    }

    /**
     * A learning rate at which the model does not diverge in a few steps.
     *
     * @return {@value #LEARNING_RATE} by default
     */
    protected double learningRate() {
        return LEARNING_RATE;
    }

    /**
     * Batches of ten.
     *
     * @return an epoch of the suite's training
     */
    protected final LocalTraining epoch() {
        return LocalTraining.epochs(1).withBatchSize(10).withLearningRate(learningRate());
    }

    /**
     * A model of its own that has trained from given weights.
     *
     * @param start the weights
     * @param how the training
     * @param seed of the training
     * @return where it led
     */
    private ModelWeights trained(ModelWeights start, LocalTraining how, long seed) {
        return trained(model(), start, how, seed);
    }

    private ModelWeights trained(Model<D> model, ModelWeights start, LocalTraining how, long seed) {
        model.load(start);
        model.train(data(40), how, seed);
        return model.weights();
    }

    @Test
    void keepsItsLayout() {
        Model<D> model = model();
        ParameterLayout before = model.layout();

        model.train(data(20), epoch(), SEED);

        assertEquals(before, model.layout());
        assertEquals(before, model().layout());
        assertEquals(before, model.weights().layout());
    }

    @Test
    void givesBackTheWeightsItLoadedBitForBit() {
        Model<D> source = model();
        source.train(data(20), epoch(), SEED);
        ModelWeights weights = source.weights();
        Model<D> target = model();

        target.load(weights);

        assertEquals(weights, target.weights());
    }

    @Test
    void handsOutCopiesThatLaterTrainingDoesNotChange() {
        Model<D> model = model();
        ModelWeights before = model.weights();
        ModelWeights copy = before.plus(ModelDelta.zero(before.layout()));

        model.train(data(20), epoch(), SEED);

        assertEquals(copy, before);
        assertNotEquals(before, model.weights(), "training did nothing");
    }

    @Test
    void refusesWeightsOfAnotherLayoutAndSaysWhatDiffers() {
        Model<D> model = model();
        ModelWeights own = model.weights();
        List<ParameterSpec> specs = new ArrayList<>(model.layout().specs());
        ParameterSpec first = specs.get(0);
        specs.set(0, new ParameterSpec(first.name() + "-other", first.shape(), first.order(), first.role()));
        ParameterLayout other = new ParameterLayout(model.layout().dtype(), specs);
        ModelWeights foreign = ModelWeights.gather(other, name -> own.tensor(name.replace("-other", "")));

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> model.load(foreign));

        String difference = other.differenceFrom(model.layout()).orElseThrow();
        assertTrue(refusal.getMessage().contains(difference), refusal.getMessage());
        assertEquals(own, model.weights());
    }

    @Test
    void trainsToTheSameBitsFromTheSameWeightsAndSeed() {
        ModelWeights start = model().weights();

        assertEquals(trained(start, epoch(), SEED), trained(start, epoch(), SEED));
    }

    @Test
    void trainsToTheSameBitsWhateverItDidBefore() {
        ModelWeights start = model().weights();
        Model<D> pooled = model();
        pooled.train(data(33), LocalTraining.epochs(2).withBatchSize(7).withLearningRate(learningRate() / 3), SEED + 1);
        pooled.evaluate(data(11));

        assertEquals(trained(start, epoch(), SEED), trained(pooled, start, epoch(), SEED));
    }

    @Test
    void trainsToTheSameBitsOnAnotherThread() {
        ModelWeights start = model().weights();
        Model<D> moved = model();
        ModelWeights here = trained(moved, start, epoch(), SEED);

        assertEquals(
                here,
                CompletableFuture.supplyAsync(() -> trained(moved, start, epoch(), SEED))
                        .join());
    }

    @Test
    void trainsDifferentlyWithAnotherSeed() {
        ModelWeights start = model().weights();

        assertNotEquals(trained(start, epoch(), SEED), trained(start, epoch(), SEED + 1));
    }

    @Test
    void measuresItsDisplacementAsTheDifferenceOfWeights() {
        Model<D> model = model();
        ModelWeights base = model.weights();

        model.train(data(20), epoch(), SEED);

        assertEquals(model.weights().minus(base), model.displacementFrom(base));
    }

    @Test
    void takesALastShortBatchInEveryEpoch() {
        LocalTraining.Report report = model().train(
                        data(23), LocalTraining.epochs(2).withBatchSize(10).withLearningRate(learningRate()), SEED);

        assertReport(23, 6, report);
    }

    @Test
    void goesOnIntoFurtherEpochsUntilTheStepsAreDone() {
        LocalTraining.Report report = model().train(
                        data(23), LocalTraining.steps(5).withBatchSize(10).withLearningRate(learningRate()), SEED);

        assertReport(23, 5, report);
    }

    @Test
    void takesTheSameStepsCountedInEitherWay() {
        Model<D> byEpochs = model();
        Model<D> bySteps = model();
        bySteps.load(byEpochs.weights());

        byEpochs.train(data(23), epoch(), SEED);
        bySteps.train(data(23), LocalTraining.steps(3).withBatchSize(10).withLearningRate(learningRate()), SEED);

        assertEquals(byEpochs.weights(), bySteps.weights());
    }

    @Test
    void doesNothingWithoutData() {
        Model<D> model = model();
        ModelWeights before = model.weights();

        LocalTraining.Report report = model.train(data(0), epoch(), SEED);

        assertEquals(0, report.examples());
        assertEquals(0, report.steps());
        assertEquals(0, report.loss());
        assertEquals(ModelDelta.zero(model.layout()), model.displacementFrom(before));
        assertEquals(Evaluation.NONE, model.evaluate(data(0)));
    }

    @Test
    void countsEveryExampleItEvaluates() {
        Evaluation evaluation = model().evaluate(data(300));

        assertEquals(300, evaluation.examples());
        assertEquals(classes(), evaluation.classes().size());
        if (classes() > 0) {
            List<Evaluation.ClassCounts> counts = evaluation.classes();
            double accuracy = evaluation.accuracy().orElseThrow();
            assertAll(
                    () -> assertEquals(
                            300,
                            counts.stream()
                                    .mapToLong(Evaluation.ClassCounts::examples)
                                    .sum()),
                    () -> assertEquals(
                            300,
                            counts.stream()
                                    .mapToLong(Evaluation.ClassCounts::predicted)
                                    .sum()),
                    () -> assertTrue(counts.stream().allMatch(c -> c.correct() <= c.examples())),
                    () -> assertTrue(counts.stream().allMatch(c -> c.correct() <= c.predicted())),
                    () -> assertTrue(accuracy >= 0 && accuracy <= 1, () -> "accuracy " + accuracy));
        }
    }

    @Test
    void collectsWhatItIsAskedForAndChangesNothingElse() {
        Model<D> model = model();
        Evaluation plain = seeded(() -> model.evaluate(data(300)));
        assertEquals(plain, seeded(() -> model.evaluate(data(300), StatisticsSpec.NONE)));
        if (statistics().isNone()) {
            StatisticsSpec some = StatisticsSpec.of(StatisticsSpec.Kind.STEPS);
            assertThrows(UnsupportedOperationException.class, () -> model.evaluate(data(300), some));
            return;
        }
        Evaluation evaluation = seeded(() -> model.evaluate(data(300), statistics()));
        assertEquals(statistics(), evaluation.statistics().spec());
        assertEquals(plain.losses(), evaluation.losses());
        if (!plain.classes().isEmpty()) {
            // Of sequences, classes are those of steps, and counted only where they are asked for.
            assertEquals(plain.classes(), evaluation.classes());
        }
        assertEquals(Evaluation.NONE, model.evaluate(data(0), statistics()));
    }

    /** A graph with random ops draws in evaluation, too. */
    private static Evaluation seeded(Supplier<Evaluation> evaluation) {
        Nd4j.getRandom().setSeed(SEED);
        return evaluation.get();
    }

    @Test
    void leavesWeightsAndLaterTrainingAloneWhenItEvaluates() {
        Model<D> evaluated = model();
        ModelWeights start = evaluated.weights();

        evaluated.evaluate(data(23));

        assertEquals(start, evaluated.weights());
        assertEquals(trained(start, epoch(), SEED), trained(evaluated, start, epoch(), SEED));
    }

    private static void setNativeThreads(int omp, int blas) {
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(omp);
        Nd4j.factory().blas().setMaxThreads(blas);
    }

    private void assertReport(long examples, long steps, LocalTraining.Report report) {
        assertEquals(examples, report.examples());
        assertEquals(steps, report.steps());
        report.stepSizeSum().ifPresent(sum -> assertEquals(steps * learningRate(), sum, 1e-12));
        assertTrue(Double.isFinite(report.loss()), () -> "loss " + report.loss());
    }
}
