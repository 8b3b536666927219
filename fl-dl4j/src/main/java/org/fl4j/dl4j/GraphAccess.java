package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

record GraphAccess(ComputationGraph graph) implements NetworkAccess {

    /** Whether {@code Examples} fit it. */
    GraphAccess requireOneInputAndOutput() {
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw new IllegalArgumentException(
                    "a graph must have one input and one output to train on Examples, but was "
                            + graph.getNumInputArrays() + " inputs and " + graph.getNumOutputArrays()
                            + " outputs; use Dl4jBatchModel for others");
        }
        return this;
    }

    /** As {@link MultiLayerAccess#isolated}. */
    static GraphAccess isolated(ComputationGraph graph) {
        if (graph.getLayers() == null || graph.getClass() != ComputationGraph.class) {
            return new GraphAccess(graph);
        }
        ComputationGraph own = new ComputationGraph(SerialCopy.of(graph.getConfiguration()));
        own.init(graph.params(), false);
        own.setListeners(new ArrayList<>(graph.getListeners()));
        return new GraphAccess(own);
    }

    @Override
    public Model network() {
        return graph;
    }

    @Override
    public boolean initialised() {
        return graph.getLayers() != null;
    }

    @Override
    public Layer[] layers() {
        return graph.getLayers();
    }

    @Override
    public boolean isChain() {
        int layers = 0;
        for (GraphVertex vertex : graph.getVertices()) {
            if (vertex.hasLayer()) {
                layers++;
            } else if (!vertex.isInputVertex()) {
                return false;
            }
            if (vertex.getNumInputArrays() > 1 || vertex.getNumOutputConnections() > 1) {
                return false;
            }
        }
        return layers == graph.getNumLayers();
    }

    @Override
    public @Nullable InputPreProcessor preProcessor(int i) {
        return graph.getVertex(name(graph.getLayer(i))) instanceof LayerVertex vertex
                ? vertex.getLayerPreProcessor()
                : null;
    }

    @Override
    public Object configuration() {
        return graph.getConfiguration();
    }

    @Override
    public String name(Layer layer) {
        return layer.conf().getLayer().getLayerName();
    }

    @Override
    public BackpropType backpropagation() {
        return graph.getConfiguration().getBackpropType();
    }

    @Override
    public Layer outputLayer() {
        return graph.getOutputLayer(0);
    }

    @Override
    public INDArray gradients() {
        return graph.getFlattenedGradients();
    }

    @Override
    public void fit(INDArray features, INDArray labels) {
        graph.fit(new INDArray[] {features}, new INDArray[] {labels});
    }

    @Override
    public void fit(MultiDataSet batch) {
        graph.fit(batch);
    }

    @Override
    public double score(MultiDataSet batch) {
        beforePass(batch.getFeatures());
        return graph.score(batch, false);
    }

    @Override
    public INDArray[] outputs(MultiDataSet batch) {
        beforePass(batch.getFeatures());
        return graph.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    }

    @Override
    public INDArray output(INDArray features) {
        beforePass(features);
        return graph.output(false, features)[0];
    }

    /** Between layers for vectors and for sequences the size counts, which DL4J reads off the labels of its last training. */
    private void beforePass(INDArray... features) {
        graph.setInputs(features);
        graph.setLabels(new INDArray[graph.getNumOutputArrays()]);
        for (Layer layer : graph.getLayers()) {
            layer.setInputMiniBatchSize(Math.toIntExact(features[0].size(0)));
        }
    }

    @Override
    public double score(INDArray features, INDArray labels) {
        beforePass(features);
        return graph.score(new DataSet(features, labels), false);
    }

    @Override
    public double regularisation() {
        return graph.calcRegularizationScore(true);
    }

    @Override
    public void resetCounters() {
        graph.getConfiguration().setIterationCount(0);
        graph.getConfiguration().setEpochCount(0);
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return graph.getUpdater(true);
    }

    @Override
    public void renewUpdater() {
        graph.setUpdater(new ComputationGraphUpdater(graph));
    }

    @Override
    public Collection<TrainingListener> listeners() {
        return graph.getListeners();
    }
}
