package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

record MultiLayerAccess(MultiLayerNetwork net) implements NetworkAccess {

    /**
     * A network over the same parameter memory with a configuration of its own. DL4J keeps iteration counts, learning
     * rates and dropout masks in the configuration object, and applications build many networks from one: pooled models on
     * different threads would train with each other's. What is of another class, a subclass may know why, is taken as it
     * is; a pool refuses it if it shares a configuration with another.
     */
    static MultiLayerAccess isolated(MultiLayerNetwork network) {
        if (network.getLayers() == null || network.getClass() != MultiLayerNetwork.class) {
            return new MultiLayerAccess(network);
        }
        MultiLayerNetwork own = new MultiLayerNetwork(SerialCopy.of(network.getLayerWiseConfigurations()));
        own.init(network.params(), false);
        own.setListeners(new ArrayList<>(network.getListeners()));
        return new MultiLayerAccess(own);
    }

    @Override
    public Model network() {
        return net;
    }

    @Override
    public boolean initialised() {
        return net.getLayers() != null;
    }

    @Override
    public Layer[] layers() {
        return net.getLayers();
    }

    @Override
    public boolean isChain() {
        return true;
    }

    @Override
    public @Nullable InputPreProcessor preProcessor(int i) {
        return net.getLayerWiseConfigurations().getInputPreProcess(i);
    }

    @Override
    public Object configuration() {
        return net.getLayerWiseConfigurations();
    }

    @Override
    public String name(Layer layer) {
        return String.valueOf(layer.getIndex());
    }

    @Override
    public BackpropType backpropagation() {
        return net.getLayerWiseConfigurations().getBackpropType();
    }

    @Override
    public Layer outputLayer() {
        return net.getOutputLayer();
    }

    @Override
    public INDArray gradients() {
        return net.getFlattenedGradients();
    }

    @Override
    public void fit(INDArray features, INDArray labels) {
        net.fit(features, labels);
    }

    @Override
    public void fit(MultiDataSet batch) {
        net.fit(single(batch));
    }

    @Override
    public double score(MultiDataSet batch) {
        return net.score(single(batch), false);
    }

    @Override
    public INDArray[] outputs(MultiDataSet batch) {
        DataSet data = single(batch);
        return new INDArray[] {
            net.output(data.getFeatures(), false, data.getFeaturesMaskArray(), data.getLabelsMaskArray())
        };
    }

    private static DataSet single(MultiDataSet batch) {
        if (batch.numFeatureArrays() != 1 || batch.numLabelsArrays() != 1) {
            throw new IllegalArgumentException("a MultiLayerNetwork has one input and one output, but client data have "
                    + batch.numFeatureArrays() + " and " + batch.numLabelsArrays() + "; use a ComputationGraph");
        }
        return new DataSet(
                batch.getFeatures(0), batch.getLabels(0), batch.getFeaturesMaskArray(0), batch.getLabelsMaskArray(0));
    }

    @Override
    public INDArray output(INDArray features) {
        return net.output(features, false);
    }

    @Override
    public double score(INDArray features, INDArray labels) {
        return net.score(new DataSet(features, labels), false);
    }

    @Override
    public double regularisation() {
        return net.calcRegularizationScore(true);
    }

    @Override
    public void resetCounters() {
        net.setIterationCount(0);
        net.setEpochCount(0);
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return (MultiLayerUpdater) net.getUpdater(true);
    }

    @Override
    public void renewUpdater() {
        net.setUpdater(new MultiLayerUpdater(net));
    }

    @Override
    public Collection<TrainingListener> listeners() {
        return net.getListeners();
    }
}
