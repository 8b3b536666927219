package org.fl4j.dl4j;

import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.model.Metric;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.testkit.GradientModelContract;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws for every network that a subclass lists in a static method {@code networks}. */
@ParameterizedClass(name = "{0}")
@MethodSource("networks")
abstract class NetworkContract extends GradientModelContract<Examples> {

    /** A network with what the laws must know of it; a classifier trained by plain SGD unless it says otherwise. */
    record Network(
            String name,
            Supplier<GradientModel<Examples>> model,
            Supplier<Optional<GradientModel<Examples>>> plainSgd,
            IntFunction<Examples> data,
            int classes,
            double learningRate,
            int smallestBatch) {

        static Network of(String name, Supplier<GradientModel<Examples>> model) {
            return new Network(
                    name,
                    model,
                    () -> Optional.of(model.get()),
                    Networks::classified,
                    Networks.CLASSES,
                    LEARNING_RATE,
                    1);
        }

        Network on(IntFunction<Examples> itsData, int itsClasses) {
            return new Network(name, model, plainSgd, itsData, itsClasses, learningRate, smallestBatch);
        }

        Network withLearningRate(double rate) {
            return new Network(name, model, plainSgd, data, classes, rate, smallestBatch);
        }

        Network withPlainSgd(Supplier<Optional<GradientModel<Examples>>> variant) {
            return new Network(name, model, variant, data, classes, learningRate, smallestBatch);
        }

        Network withSmallestBatch(int examples) {
            return new Network(name, model, plainSgd, data, classes, learningRate, examples);
        }

        /** Its steps are not those of plain SGD. */
        Network withOtherOptimizer() {
            return withPlainSgd(Optional::empty).withLearningRate(0.01);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Parameter
    private Network network;

    @Override
    protected GradientModel<Examples> model() {
        return network.model().get();
    }

    @Override
    protected Optional<GradientModel<Examples>> plainSgd() {
        return network.plainSgd().get();
    }

    @Override
    protected Examples data(int examples) {
        return network.data().apply(examples);
    }

    @Override
    protected int classes() {
        return network.classes();
    }

    @Override
    protected double learningRate() {
        return network.learningRate();
    }

    @Override
    protected StatisticsSpec statistics() {
        return network.classes() > 0
                ? StatisticsSpec.forMetrics(Metric.topAccuracy(2))
                : StatisticsSpec.forMetrics(Metric.MSE);
    }

    @Override
    protected int smallestBatch() {
        return network.smallestBatch();
    }
}
