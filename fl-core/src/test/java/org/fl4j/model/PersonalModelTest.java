package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSplit;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Each coordinate of the quadratic model goes to the mean of its points by itself, so what was trained shows. */
class PersonalModelTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE,
            List.of(
                    ParameterSpec.trainable("body", 2),
                    ParameterSpec.trainable("head", 1),
                    ParameterSpec.trainable("tail", 1)));
    private static final double[][] POINTS = {{1, 2, 3, 4}};
    private static final LocalTraining HALF_WAY = LocalTraining.steps(1).withLearningRate(0.5);

    private static QuadraticModel whole() {
        return new QuadraticModel(LAYOUT);
    }

    private static ModelWeights weights(ParameterLayout layout, double... values) {
        return ModelWeights.copyOf(layout, values);
    }

    @Test
    void showsOnlyWhatTravels() {
        PersonalModel<double[][]> model = whole().keeping("head").freezing("tail");

        assertEquals(List.of(ParameterSpec.trainable("body", 2)), model.layout().specs());
        assertEquals(2, model.weights().layout().length());
        assertEquals(
                List.of(ParameterSpec.Role.LOCAL),
                model.localLayout().orElseThrow().specs().stream()
                        .map(ParameterSpec::role)
                        .toList());
        model.load(weights(model.layout(), 5, 6), weights(model.localLayout().orElseThrow(), 7));
        model.train(POINTS, HALF_WAY, 1);

        assertEquals(weights(model.layout(), 3, 4), model.weights());
        assertEquals(weights(model.localLayout().orElseThrow(), 5), model.local());
        assertEquals(ModelDelta.of(model.layout(), -2, -2), model.displacementFrom(weights(model.layout(), 5, 6)));
    }

    @Test
    void frozenParametersStay() {
        QuadraticModel whole = whole();
        whole.load(weights(LAYOUT, 0, 0, 0, 9));
        PersonalModel<double[][]> model = whole.freezing("tail");
        model.train(POINTS, HALF_WAY, 1);
        assertEquals(weights(LAYOUT, 0.5, 1, 1.5, 9), whole.weights());
    }

    /** A backbone that came over a wire. */
    @Test
    void anotherBackboneIsLoaded() {
        QuadraticModel origin = whole();
        origin.load(weights(LAYOUT, 0, 0, 0, 9));
        PersonalModel<double[][]> sender = origin.keeping("head").freezing("tail");
        QuadraticModel whole = whole();
        PersonalModel<double[][]> model = whole.keeping("head").freezing("tail");
        model.load(weights(model.layout(), 5, 6), weights(model.localLayout().orElseThrow(), 7));
        assertNotEquals(sender.layout(), model.layout());

        model.loadFrozen(sender.frozen());

        assertEquals(sender.layout(), model.layout());
        assertEquals(sender.frozen(), model.frozen());
        assertEquals(weights(LAYOUT, 5, 6, 0, 9), whole.weights());
        assertThrows(IllegalStateException.class, () -> model.train(POINTS, HALF_WAY, 1), "the head is nobody's");
        model.load(model.weights(), weights(model.localLayout().orElseThrow(), 7));
        model.train(POINTS, HALF_WAY, 1);
        assertEquals(weights(LAYOUT, 3, 4, 5, 9), whole.weights());
        assertThrows(IllegalStateException.class, () -> whole().keeping("head").loadFrozen(sender.frozen()));
        assertThrows(
                IllegalArgumentException.class, () -> whole().freezing("head").loadFrozen(sender.frozen()));
    }

    @Test
    void frozenParametersStayWhileAPartIsTrained() {
        QuadraticModel whole = whole();
        PersonalModel<double[][]> model = whole.keeping("head").freezing("tail");
        model.load(model.weights(), model.local());
        model.trainLocal(POINTS, HALF_WAY, 1);
        model.trainShared(POINTS, HALF_WAY, GradientCorrection.none(), 1);
        assertEquals(weights(LAYOUT, 0.5, 1, 1.5, 0), whole.weights());
    }

    @Test
    void partsAreTrainedByThemselves() {
        QuadraticModel whole = whole();
        PersonalModel<double[][]> model = whole.keeping("head");
        model.load(model.weights(), model.local());
        model.trainLocal(POINTS, HALF_WAY, 1);
        assertEquals(weights(LAYOUT, 0, 0, 1.5, 0), whole.weights());
        model.trainShared(POINTS, HALF_WAY, GradientCorrection.constant(ModelDelta.of(model.layout(), 0, -2, 0)), 1);
        assertEquals(weights(LAYOUT, 0.5, 2, 1.5, 2), whole.weights());
    }

    /** A pull of the objective towards the global weights is one of what travels, not of what stays. */
    @Test
    void correctionsLeaveLocalParametersAlone() {
        QuadraticModel whole = whole();
        PersonalModel<double[][]> model = whole.keeping("head");
        ModelWeights anchor = weights(model.layout(), 2, 2, 2);
        model.load(model.weights(), weights(model.localLayout().orElseThrow(), 7));
        model.train(POINTS, HALF_WAY, GradientCorrection.towards(anchor, 1), 1);
        assertEquals(weights(LAYOUT, 1.5, 2, 5, 3), whole.weights());
    }

    @Test
    void theModelOfNobodyHasTheFirstLocalParameters() {
        QuadraticModel whole = whole();
        PersonalModel<double[][]> model = whole.keeping("head");
        ModelWeights global = model.weights();
        model.load(global, weights(model.localLayout().orElseThrow(), 8));
        model.load(global);
        assertEquals(weights(LAYOUT, 0, 0, 0, 0), whole.weights());
        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> model.train(POINTS, HALF_WAY, 1));
        assertTrue(thrown.getMessage().contains("no client's own were loaded"), thrown.getMessage());
    }

    @Test
    void layoutsTellBackbonesApart() {
        QuadraticModel other = whole();
        other.load(weights(LAYOUT, 1, 1, 1, 1));
        PersonalModel<double[][]> first = whole().freezing("tail");
        PersonalModel<double[][]> second = other.freezing("tail");
        PersonalModel<double[][]> third = other.freezing("head");

        assertNotEquals(first.layout(), second.layout());
        assertNotEquals(first.layout().fingerprint(), second.layout().fingerprint());
        String difference = second.layout().differenceFrom(first.layout()).orElseThrow();
        assertTrue(difference.contains("its frozen parameters have digest"), difference);
        assertThrows(IllegalArgumentException.class, () -> first.load(second.weights()));
        assertNotEquals(second.layout(), third.layout());
        assertEquals(first.layout(), whole().freezing("tail").layout());
        assertFalse(whole().keeping("tail").layout().toString().contains("frozen"));

        byte[] bytes = BinaryWriter.toBytes("layout", 1, first.layout()::writeTo);
        assertEquals(first.layout(), BinaryReader.fromBytes(bytes, "layout", 1, ParameterLayout::readFrom));
    }

    @Test
    void anOptimizerThatMovesFrozenParametersIsCaught() {
        GradientModel<double[][]> decaying = new Decaying(whole());
        decaying.load(weights(LAYOUT, 1, 1, 1, 1));
        PersonalModel<double[][]> model = decaying.freezing("tail");
        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> model.train(POINTS, HALF_WAY, 1));
        assertTrue(
                thrown.getMessage().contains("training moved 'tail', which is FROZEN and was held"),
                thrown.getMessage());
    }

    @Test
    void namesMustFit() {
        assertThrows(IllegalArgumentException.class, () -> whole().keeping("no such.*"));
        assertThrows(IllegalArgumentException.class, () -> whole().freezing(spec -> false));
        assertEquals(
                whole().keeping("head").freezing("tail").layout(),
                whole().keeping(spec -> spec.name().equals("head"))
                        .freezing(spec -> spec.name().equals("tail"))
                        .layout());
        assertThrows(IllegalArgumentException.class, () -> whole().keeping(".*"));
        assertThrows(
                IllegalArgumentException.class, () -> whole().keeping("head").freezing("he.*"));
        PersonalModel<double[][]> frozen = whole().freezing("head");
        assertEquals(Optional.empty(), frozen.localLayout());
        assertThrows(IllegalStateException.class, () -> frozen.trainLocal(POINTS, HALF_WAY, 1));
        assertThrows(IllegalStateException.class, frozen::local);
    }

    /** Which model a client borrows is chance, so its first LOCAL parameters must not depend on it. */
    @Test
    void aPoolsModelsStartAlike() {
        AtomicInteger made = new AtomicInteger();
        ModelPool<PersonalModel<double[][]>> pool = ModelPool.of(() -> {
            QuadraticModel whole = whole();
            whole.load(weights(LAYOUT, 0, 0, made.incrementAndGet(), 0));
            return whole.keeping("head");
        });
        assertTrue(pool.keepLocal());
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class, () -> pool.with(first -> pool.with(second -> second.weights())));
        assertTrue(thrown.getMessage().contains("equal LOCAL parameters"), thrown.getMessage());
    }

    /** Statistics move without gradients: those that are held are put back. */
    @Test
    void statisticsThatAreHeldArePutBack() {
        ParameterLayout layout = new ParameterLayout(
                DataType.DOUBLE, List.of(ParameterSpec.trainable("w", 1), ParameterSpec.statistic("mean", 1)));
        Counting counting = new Counting(layout);
        PersonalModel<double[][]> model = counting.freezing("mean");
        model.train(POINTS, HALF_WAY, 1);
        assertEquals(weights(layout, 1, 0), counting.weights());
    }

    @Test
    void whatIsCutIsJoinedAgain() {
        ModelWeights start = weights(LAYOUT, 1, 2, 3, 4);
        ParameterSplit split = new ParameterSplit(
                start,
                spec -> spec.name().equals("head")
                        ? ParameterSpec.Role.LOCAL
                        : spec.name().equals("body") ? ParameterSpec.Role.FROZEN : spec.role());
        ModelWeights other = weights(LAYOUT, 5, 6, 7, 8);
        assertEquals(
                weights(LAYOUT, 1, 2, 7, 8), split.joined(split.sharedOf(other), Optional.of(split.localOf(other))));
        assertEquals(weights(LAYOUT, 1, 2, 3, 8), split.joined(split.sharedOf(other), Optional.empty()));
        assertThrows(IllegalArgumentException.class, () -> split.joined(other, Optional.empty()));
    }

    /** Multiplies all weights by 1/2 in every training, whatever their gradients. */
    private static final class Decaying extends Around {

        Decaying(QuadraticModel model) {
            super(model);
        }

        @Override
        public LocalTraining.Report train(
                double[][] data, LocalTraining how, GradientCorrection correction, long seed) {
            LocalTraining.Report report = super.train(data, how, correction, seed);
            ModelWeights weights = weights();
            load(weights.displacedBy((from, n, into) -> {
                for (int i = 0; i < n; i++) {
                    into[i] = -weights.get(from + i) / 2;
                }
            }));
            return report;
        }
    }

    private abstract static class Around implements GradientModel<double[][]> {

        private final QuadraticModel model;

        Around(QuadraticModel model) {
            this.model = model;
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
        public LocalTraining.Report train(
                double[][] data, LocalTraining how, GradientCorrection correction, long seed) {
            return model.train(data, how, correction, seed);
        }

        @Override
        public Evaluation evaluate(double[][] data) {
            return model.evaluate(data);
        }
    }

    /** Adds 1 to all weights, statistics too. */
    private static final class Counting implements GradientModel<double[][]> {

        private ModelWeights weights;

        Counting(ParameterLayout layout) {
            weights = ModelWeights.copyOf(layout, new double[layout.length()]);
        }

        @Override
        public ParameterLayout layout() {
            return weights.layout();
        }

        @Override
        public ModelWeights weights() {
            return weights;
        }

        @Override
        public void load(ModelWeights other) {
            weights = other;
        }

        @Override
        public LocalTraining.Report train(
                double[][] data, LocalTraining how, GradientCorrection correction, long seed) {
            weights = weights.displacedBy((from, n, into) -> java.util.Arrays.fill(into, 0, n, 1));
            return new LocalTraining.Report(1, 1, OptionalDouble.empty(), 0);
        }

        @Override
        public Evaluation evaluate(double[][] data) {
            return Evaluation.NONE;
        }
    }
}
