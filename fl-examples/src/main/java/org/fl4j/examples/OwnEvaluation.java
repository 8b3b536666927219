package org.fl4j.examples;

import java.util.Collection;
import java.util.function.Function;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/** A DL4J network that trains as {@link Dl4jModel} does and is judged in a way of its own. */
final class OwnEvaluation implements GradientModel<Examples> {

    private final Dl4jModel model;
    private final Function<Examples, Evaluation> evaluation;

    /**
     * A model over a network.
     *
     * @param evaluation by the network's outputs, whose weights are loaded by then
     */
    OwnEvaluation(MultiLayerNetwork network, Function<Examples, Evaluation> evaluation) {
        this.model = Dl4jModel.of(network);
        this.evaluation = evaluation;
    }

    @Override
    public Evaluation evaluate(Examples data) {
        return evaluation.apply(data);
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
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        return model.train(data, how, correction, seed);
    }

    @Override
    public Collection<?> exclusiveState() {
        return model.exclusiveState();
    }
}
