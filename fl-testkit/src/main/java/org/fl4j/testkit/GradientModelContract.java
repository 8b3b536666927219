package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The laws of a {@link GradientModel}, in addition to those of every {@link Model}: how corrections and the learning
 * rate act. The arithmetic of a single step is that of plain SGD, {@code w - rate * (g + correction)}; a model with
 * another optimizer names a variant with plain SGD in {@link #plainSgd()}, or none.
 *
 * @param <D> the type of a client's data
 */
public abstract class GradientModelContract<D> extends ModelContract<D> {

    private static final long SEED = 21;
    private static final double PULL = 0.5;

    @Override
    protected abstract GradientModel<D> model();

    /**
     * The model with plain SGD and without gradient clipping. Dropout, weight decay and momentum from zero may stay.
     *
     * @return {@link #model()} by default; empty leaves the arithmetic of a step out
     */
    protected Optional<GradientModel<D>> plainSgd() {
        return Optional.of(model());
    }

    /**
     * The smallest mini-batch that the model can train on.
     *
     * @return 1 by default
     */
    protected int smallestBatch() {
        return 1;
    }

    /**
     * How far a coordinate may be off after one step.
     *
     * @param dtype the model's
     * @return 1e-6 for FLOAT, 1e-12 for DOUBLE, right for weights of about 1
     */
    protected double tolerance(DataType dtype) {
        return dtype == DataType.FLOAT ? 1e-6 : 1e-12;
    }

    @Test
    void isNotChangedByAConstantCorrectionOfZero() {
        ModelWeights start = model().weights();

        assertEquals(
                trained(start, GradientCorrection.none()),
                trained(start, GradientCorrection.constant(ModelDelta.zero(start.layout()))));
    }

    @Test
    void isNotChangedByAPullOfZero() {
        ModelWeights start = model().weights();
        ModelWeights elsewhere = start.plus(pattern(start.layout()));
        GradientCorrection pull = GradientCorrection.towards(elsewhere, 0);

        assertEquals(trained(start, GradientCorrection.none()), trained(start, pull));
        assertEquals(
                trained(start, GradientCorrection.none()),
                trained(start, pull.withConstant(ModelDelta.zero(start.layout()))));
    }

    @Test
    void refusesACorrectionForAnotherModel() {
        GradientModel<D> model = model();
        ParameterLayout other =
                new ParameterLayout(model.layout().dtype(), List.of(ParameterSpec.trainable("another model's", 2)));
        GradientCorrection correction = GradientCorrection.constant(ModelDelta.of(other, 1, 1));

        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> model.train(data(20), epoch(), correction, SEED));

        String difference = other.differenceFrom(model.layout()).orElseThrow();
        assertTrue(refusal.getMessage().contains(difference), refusal.getMessage());
    }

    @Test
    void forgetsACorrectionWhenItsTrainingIsOver() {
        GradientModel<D> model = model();
        ModelWeights start = model.weights();
        model.train(data(20), epoch(), GradientCorrection.constant(pattern(start.layout())), SEED);
        assertNotEquals(trained(start, GradientCorrection.none()), model.weights());

        model.load(start);
        model.train(data(40), epoch(), SEED);

        assertEquals(trained(start, GradientCorrection.none()), model.weights());
    }

    @ParameterizedTest(name = "batch of {0}")
    @ValueSource(ints = {1, 10})
    void movesByRateTimesConstantInOneStep(int batch) {
        ModelWeights start = plainSgdOrSkip().weights();
        ModelDelta constant = pattern(start.layout());

        ModelWeights plain = oneStep(start, batch, learningRate(), GradientCorrection.none());
        ModelWeights corrected = oneStep(start, batch, learningRate(), GradientCorrection.constant(constant));

        assertMoved(plain, corrected, i -> -learningRate() * constant.get(i));
    }

    @ParameterizedTest(name = "batch of {0}")
    @ValueSource(ints = {1, 10})
    void movesByRateTimesPullTimesDistanceInOneStep(int batch) {
        ModelWeights start = plainSgdOrSkip().weights();
        ModelWeights anchor = start.plus(pattern(start.layout()));

        ModelWeights plain = oneStep(start, batch, learningRate(), GradientCorrection.none());
        ModelWeights corrected = oneStep(start, batch, learningRate(), GradientCorrection.towards(anchor, PULL));

        assertMoved(plain, corrected, i -> -learningRate() * PULL * (start.get(i) - anchor.get(i)));
    }

    @Test
    void stepsInProportionToTheLearningRate() {
        ModelWeights start = plainSgdOrSkip().weights();

        ModelWeights once = oneStep(start, 10, learningRate(), GradientCorrection.none());
        ModelWeights twice = oneStep(start, 10, 2 * learningRate(), GradientCorrection.none());

        ModelDelta step = once.minus(start);
        assertTrue(step.norm2() > 0, "the step is zero");
        assertMoved(once, twice, step::get);
    }

    /** A parameter that is held stays, the others step as if it were not. */
    @Test
    void holdsAParameter() {
        ModelWeights start = plainSgdOrSkip().weights();
        ParameterLayout layout = start.layout();
        GradientCorrection pull = GradientCorrection.towards(start.plus(pattern(layout)), PULL);
        ModelWeights free = oneStep(start, 10, learningRate(), pull);

        for (ParameterSpec held : layout.specs()) {
            ModelWeights stepped = oneStep(start, 10, learningRate(), pull.holding(layout, spec -> spec.equals(held)));

            for (ParameterSpec spec : layout.specs()) {
                boolean isHeld = spec.equals(held);
                if (spec.role() == ParameterSpec.Role.TRAINABLE) {
                    assertTrue(
                            stepped.hasSame(spec.name(), isHeld ? start : free),
                            spec + " " + (isHeld ? "moved" : "was not trained") + " while " + held + " was held");
                }
            }
        }
    }

    /** Whatever the optimizer remembers of steps before. */
    @Test
    void holdsAParameterOverManySteps() {
        ModelWeights start = model().weights();
        ParameterLayout layout = start.layout();
        for (ParameterSpec held : layout.specs()) {
            if (held.role() == ParameterSpec.Role.TRAINABLE) {
                ModelWeights trained =
                        trained(start, GradientCorrection.none().holding(layout, spec -> spec.equals(held)));
                assertTrue(trained.hasSame(held.name(), start), held + " moved while it was held");
            }
        }
    }

    private GradientModel<D> plainSgdOrSkip() {
        Optional<GradientModel<D>> model = plainSgd();
        assumeTrue(model.isPresent(), "no variant with plain SGD");
        return model.orElseThrow();
    }

    private ModelWeights trained(ModelWeights start, GradientCorrection correction) {
        GradientModel<D> model = model();
        model.load(start);
        model.train(data(40), epoch(), correction, SEED);
        return model.weights();
    }

    private ModelWeights oneStep(ModelWeights start, int batch, double rate, GradientCorrection correction) {
        GradientModel<D> model = plainSgd().orElseThrow();
        model.load(start);
        model.train(
                data(20),
                LocalTraining.steps(1)
                        .withBatchSize(Math.max(batch, smallestBatch()))
                        .withLearningRate(rate),
                correction,
                SEED);
        return model.weights();
    }

    /** TRAINABLE coordinates moved as expected, the others not at all. */
    private void assertMoved(ModelWeights from, ModelWeights to, IntToDoubleFunction expected) {
        ParameterLayout layout = from.layout();
        double tolerance = tolerance(layout.dtype());
        for (ParameterSpec spec : layout.specs()) {
            ParameterLayout.Span span = layout.span(spec.name());
            boolean trainable = spec.role() == ParameterSpec.Role.TRAINABLE;
            for (int i = span.from(); i < span.to(); i++) {
                assertEquals(
                        trainable ? expected.applyAsDouble(i) : 0,
                        to.get(i) - from.get(i),
                        trainable ? tolerance : 0,
                        spec + ", coordinate " + (i - span.from()));
            }
        }
    }

    /** Different in neighbouring coordinates, between -3/4 and 3/4. */
    private static ModelDelta pattern(ParameterLayout layout) {
        double[] values = new double[layout.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 7 - 3) / 4.0;
        }
        return ModelDelta.of(layout, values);
    }
}
