package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.Regularization.ApplyStep;

/** Applies a graph's training configuration to its TRAINABLE variables, one by one, as SameDiff's fit does. */
final class SameDiffOptimizer {

    /** Memory that lasts: a copy of the gradient to work on, as SameDiff may share its own, and the updater's state. */
    private static final class Slot {
        private final INDArray gradient;
        private final @Nullable INDArray state;
        private @Nullable GradientUpdater<?> updater;

        Slot(INDArray gradient, @Nullable INDArray state) {
            this.gradient = gradient;
            this.state = state;
        }
    }

    private final ParameterLayout layout;
    private final IUpdater updater;
    private final List<Regularization> regularisation;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private double learningRate;

    SameDiffOptimizer(TrainingConfig config, ParameterLayout layout) {
        this.layout = layout;
        this.updater = SerialCopy.of(config.getUpdater());
        this.regularisation = config.getRegularization() == null
                ? List.of()
                : List.copyOf(SerialCopy.of(new ArrayList<>(config.getRegularization())));
        for (ParameterSpec spec : layout.specs()) {
            if (spec.role() == ParameterSpec.Role.TRAINABLE) {
                long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
                long states = updater.stateSize(spec.length());
                slots.put(
                        spec.name(),
                        new Slot(
                                Nd4j.create(layout.dtype(), shape),
                                states == 0 ? null : Nd4j.create(layout.dtype(), 1, states)));
            }
        }
    }

    Set<String> trainable() {
        return slots.keySet();
    }

    /** What two graphs' settings could share, if their classes resolve to shared constants. */
    Set<Object> settings() {
        return MutableObjects.reachableFrom(updater, regularisation);
    }

    void startAnew(double rate) {
        if (updater.hasLearningRate()) {
            updater.setLrAndSchedule(rate, null);
        }
        learningRate = updater.hasLearningRate() ? rate : 1;
        for (Slot slot : slots.values()) {
            slot.updater = updater.instantiate(slot.state, true);
        }
    }

    /** The sum of the learning rates of so many steps, if they are plain SGD. */
    OptionalDouble stepSizeSum(int steps) {
        return updater instanceof Sgd ? OptionalDouble.of(steps * learningRate) : OptionalDouble.empty();
    }

    void step(String name, INDArray parameter, INDArray gradient, GradientCorrection correction, int iteration) {
        if (correction.holds(layout.span(name).from())) {
            return;
        }
        Slot slot = Objects.requireNonNull(slots.get(name));
        INDArray step = slot.gradient.assign(gradient);
        correction.addTo(step, parameter, name, layout);
        regularise(ApplyStep.BEFORE_UPDATER, parameter, step, iteration);
        Objects.requireNonNull(slot.updater).applyUpdater(step, iteration, 0);
        regularise(ApplyStep.POST_UPDATER, parameter, step, iteration);
        parameter.subi(step);
    }

    private void regularise(ApplyStep when, INDArray parameter, INDArray step, int iteration) {
        for (Regularization term : regularisation) {
            if (term.applyStep() == when) {
                term.apply(parameter, step, learningRate, iteration, 0);
            }
        }
    }
}
