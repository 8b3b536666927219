package org.fl4j.dl4j;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Small SameDiff graphs over the data of {@link Networks}. */
final class Graphs {

    static final SameDiffModel.Names NAMES =
            SameDiffModel.Names.of("input", "labels", "loss").withScores("logits");

    private static final int HIDDEN = 5;

    private Graphs() {}

    static SameDiffModel model(SameDiff graph) {
        return SameDiffModel.of(graph, NAMES);
    }

    static SameDiff mlp(DataType dtype, IUpdater updater, Regularization... regularisation) {
        SameDiff graph = SameDiff.create();
        SDVariable input = graph.placeHolder("input", dtype, -1, Networks.FEATURES);
        return finish(graph, graph.math.tanh(dense(graph, 0, input, Networks.FEATURES)), updater, regularisation);
    }

    /** Units are dropped by a random mask: M2.1 has no gradient for SameDiff's own dropout. */
    static SameDiff withRandomMask(IUpdater updater) {
        SameDiff graph = SameDiff.create();
        SDVariable input = graph.placeHolder("input", DataType.FLOAT, -1, Networks.FEATURES);
        SDVariable hidden = graph.math.tanh(dense(graph, 0, input, Networks.FEATURES));
        return finish(graph, hidden.mul(graph.random.bernoulli(0.5, DataType.FLOAT, HIDDEN)), updater);
    }

    private static SDVariable dense(SameDiff graph, int index, SDVariable input, int inputs) {
        DataType dtype = input.dataType();
        Nd4j.getRandom().setSeed(5);
        SDVariable weights = graph.var("W" + index, Nd4j.randn(dtype, inputs, HIDDEN));
        SDVariable bias = graph.var("b" + index, Nd4j.zeros(dtype, HIDDEN));
        return input.mmul(weights).add(bias);
    }

    private static SameDiff finish(
            SameDiff graph, SDVariable hidden, IUpdater updater, Regularization... regularisation) {
        DataType dtype = hidden.dataType();
        SDVariable labels = graph.placeHolder("labels", dtype, -1, Networks.CLASSES);
        SDVariable weights = graph.var("W1", Nd4j.randn(dtype, HIDDEN, Networks.CLASSES));
        SDVariable bias = graph.var("b1", Nd4j.zeros(dtype, Networks.CLASSES));
        SDVariable logits = hidden.mmul(weights).add("logits", bias);
        graph.loss.softmaxCrossEntropy("loss", labels, logits, null);
        graph.setLossVariables("loss");
        graph.setTrainingConfig(TrainingConfig.builder()
                .updater(updater)
                .regularization(List.of(regularisation))
                .dataSetFeatureMapping("input")
                .dataSetLabelMapping("labels")
                .build());
        return graph;
    }
}
