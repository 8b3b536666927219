package org.fl4j.benchmarks.training;

import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/** Another model, with the time of its local training added up. The sum is shared by the models of all threads. */
final class TimedModel implements GradientModel<Examples> {

    private final GradientModel<Examples> model;
    private final LongAdder nanos;

    TimedModel(GradientModel<Examples> model, LongAdder nanos) {
        this.model = model;
        this.nanos = nanos;
    }

    @Override
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        long start = System.nanoTime();
        try {
            return model.train(data, how, correction, seed);
        } finally {
            nanos.add(System.nanoTime() - start);
        }
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
    public Evaluation evaluate(Examples data) {
        return model.evaluate(data);
    }

    @Override
    public Evaluation evaluate(Examples data, StatisticsSpec statistics) {
        return model.evaluate(data, statistics);
    }

    @Override
    public ModelDelta displacementFrom(ModelWeights base) {
        return model.displacementFrom(base);
    }

    @Override
    public Collection<?> exclusiveState() {
        return model.exclusiveState();
    }
}
