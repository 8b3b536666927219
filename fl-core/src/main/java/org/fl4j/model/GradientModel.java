package org.fl4j.model;

import org.fl4j.weights.GradientCorrection;

/**
 * A model trained by gradients that can add a {@link GradientCorrection} to every one of them. Objectives such as
 * FedProx's proximal term need this; over a plain {@link Model} they are rejected before the first round.
 *
 * @param <D> the type of a client's data
 */
public interface GradientModel<D> extends Model<D> {

    /**
     * Trains from the current weights on, the gradient of every mini-batch (the mean over its examples, before the
     * optimizer sees it) corrected. A correction that is zero changes nothing, bit for bit.
     *
     * @param data the client's data
     * @param how extent, batch size and learning rate
     * @param correction what to add to the gradient
     * @param seed decides the order of mini-batches and everything else that is random
     * @return what was done
     */
    LocalTraining.Report train(D data, LocalTraining how, GradientCorrection correction, long seed);

    @Override
    default LocalTraining.Report train(D data, LocalTraining how, long seed) {
        return train(data, how, GradientCorrection.none(), seed);
    }
}
