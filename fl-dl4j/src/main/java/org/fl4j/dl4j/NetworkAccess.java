package org.fl4j.dl4j;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** What {@link Dl4jModel} needs of a network, where {@code MultiLayerNetwork} and {@code ComputationGraph} differ. */
interface NetworkAccess {

    Model network();

    boolean initialised();

    Layer[] layers();

    /** Whether every layer has the one before it as its only input. */
    boolean isChain();

    /** What comes before layer i of a chain. */
    @Nullable
    InputPreProcessor preProcessor(int i);

    /** The network's own configuration object; the layers have theirs. */
    Object configuration();

    /** What the names of a layer's parameters begin with, before the underscore. */
    String name(Layer layer);

    BackpropType backpropagation();

    Layer outputLayer();

    INDArray gradients();

    void fit(INDArray features, INDArray labels);

    /** With masks, and any inputs and outputs that the network has. */
    void fit(MultiDataSet batch);

    double score(MultiDataSet batch);

    INDArray[] outputs(MultiDataSet batch);

    INDArray output(INDArray features);

    /** The network's score of a batch: the loss with the regularisation terms, see {@link #regularisation}. */
    double score(INDArray features, INDArray labels);

    /** The regularisation terms of the score at the current weights. */
    double regularisation();

    void resetCounters();

    BaseMultiLayerUpdater<?> updater();

    /** Puts a fresh updater in, whatever the network had. */
    void renewUpdater();

    Collection<TrainingListener> listeners();
}
