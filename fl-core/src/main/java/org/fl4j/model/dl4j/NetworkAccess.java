package org.fl4j.model.dl4j;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What {@link Dl4jModel} needs of a network, where {@code MultiLayerNetwork} and {@code ComputationGraph} differ. */
interface NetworkAccess {

    Model network();

    Layer[] layers();

    Layer outputLayer();

    INDArray gradients();

    void fit(INDArray features, INDArray labels);

    INDArray output(INDArray features);

    /** The mean loss with the regularisation terms left out. */
    double loss(INDArray features, INDArray labels);

    void setLearningRate(double rate);

    void resetCounters();

    BaseMultiLayerUpdater<?> updater();

    /** Puts a fresh updater in, whatever the network had. */
    void renewUpdater();

    Collection<TrainingListener> listeners();
}
