package org.fl4j.model;

import org.fl4j.weights.GradientCorrection;

/**
 * A model that can tell the gradients of single examples apart: it gives their sum over chosen examples, each clipped to a norm, and steps along a
 * gradient that it is given. What makes a client's local training private for each of its examples needs this.
 *
 * <p>A network that mixes the examples of a mini-batch, as batch normalisation does, has no gradient of a single one.
 *
 * @param <D> the type of a client's data
 */
public interface ExampleGradientModel<D> extends GradientModel<D> {

    /**
     * Begins local training from the current weights, in steps that the caller takes. As in {@link #train} the optimizer's state starts anew.
     *
     * @param data the client's data, at least one example; kept until training ends
     * @param how the learning rate; extent and batch size are the caller's to keep
     * @param correction added to each gradient that is stepped along; must not depend on the data
     * @param seed decides what is random in the model, such as dropout
     * @return until the next use of this model
     * @throws IllegalArgumentException if this model cannot tell the gradients of these examples apart; the message names the layer or
     *     whatever is in the way
     */
    ExampleGradients beginExamples(D data, LocalTraining how, GradientCorrection correction, long seed);
}
