package org.fl4j.model;

import java.util.Collection;
import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * A model that can be trained on local data of type D: weights in, training, weights out. Adapters for DL4J and
 * SameDiff are in {@code org.fl4j.dl4j}; a class of one's own is held to {@code ModelContract} in fl-testkit.
 *
 * <p>What a model does must depend on the weights loaded, the data, the settings and the seed only, not on what it
 * trained before: models are pooled, and the next client gets the same object. So training resets the optimizer's state
 * and counters and seeds its own random numbers.
 *
 * <p>Not thread-safe: one thread at a time uses a model.
 *
 * @param <D> the type of a client's data, such as {@link Examples}
 */
public interface Model<D> {

    /**
     * How the parameters lie in a flat vector.
     *
     * @return always the same layout
     */
    ParameterLayout layout();

    /**
     * The current weights.
     *
     * @return a copy; later training does not change it
     */
    ModelWeights weights();

    /**
     * Replaces the weights.
     *
     * @param weights of a layout equal to this model's
     * @throws IllegalArgumentException if the layouts differ
     */
    void load(ModelWeights weights);

    /**
     * Trains from the current weights on.
     *
     * @param data the client's data
     * @param how extent, batch size and learning rate
     * @param seed decides the order of mini-batches and everything else that is random, such as dropout
     * @return what was done
     */
    LocalTraining.Report train(D data, LocalTraining how, long seed);

    /**
     * Evaluates the current weights.
     *
     * @param data any data
     * @return loss and, where labels are classes, counts
     */
    Evaluation evaluate(D data);

    /**
     * Evaluates the current weights and collects statistics for metrics. {@link Evaluation.Tally} does the collecting.
     *
     * @param data any data
     * @param statistics what to collect
     * @return as {@link #evaluate(Object)}, with exactly these statistics
     * @throws UnsupportedOperationException if this model collects none, as unless overridden, and some are asked for
     * @throws IllegalArgumentException if they are of classes where labels are targets, or the other way round
     */
    default Evaluation evaluate(D data, StatisticsSpec statistics) {
        if (statistics.isNone()) {
            return evaluate(data);
        }
        throw new UnsupportedOperationException("statistics " + statistics + " are asked for, but "
                + getClass().getName() + " collects none; override evaluate(data, statistics) in it");
    }

    /**
     * The displacement from given weights to the current ones. The same as {@code weights().minus(base)}, which a model
     * may do with fewer copies.
     *
     * @param base of an equal layout, such as the global weights that were loaded
     * @return current weights - base
     * @throws IllegalArgumentException if the layouts differ
     */
    default ModelDelta displacementFrom(ModelWeights base) {
        return weights().minus(base);
    }

    /**
     * What training changes: the arrays that hold the parameters, and whatever else it writes to. A {@link ModelPool}
     * rejects a second model that shares any of it, as the two would be trained on different threads.
     *
     * @return always the same objects; an {@code INDArray} stands for its memory, anything else for itself. Empty, the
     *     default, leaves sharing unchecked
     */
    default Collection<?> exclusiveState() {
        return List.of();
    }
}
