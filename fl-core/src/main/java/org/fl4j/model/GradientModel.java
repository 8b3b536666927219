package org.fl4j.model;

import java.util.function.Predicate;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ParameterSpec;

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

    /**
     * Returns this model with parameters that never leave their client: with those of the output layer FedPer (Arivazhagan et al.
     * 2019), of the lower layers LG-FedAvg (Liang et al. 2020), of the batch normalisation FedBN (Li et al., ICLR 2021).
     *
     * @param names a regular expression for whole names, such as {@code "output_.*"}
     * @return a model of the other parameters; this one must not be used beside it
     * @throws IllegalArgumentException if it matches no parameter, or leaves none
     */
    default PersonalModel<D> keeping(String names) {
        return PersonalModel.of(this).keeping(names);
    }

    /**
     * Returns this model with parameters that never leave their client, as {@link #keeping(String)}.
     *
     * @param which of the whole model's parameters
     * @throws IllegalArgumentException if it picks no parameter, or leaves none
     */
    default PersonalModel<D> keeping(Predicate<? super ParameterSpec> which) {
        return PersonalModel.of(this).keeping(which);
    }

    /**
     * Returns this model with parameters that are neither trained nor sent, such as those of a backbone: FROZEN.
     *
     * @param names a regular expression for whole names, such as {@code "conv.*"}
     * @return a model of the other parameters; this one must not be used beside it
     * @throws IllegalArgumentException if it matches no parameter, or leaves none
     */
    default PersonalModel<D> freezing(String names) {
        return PersonalModel.of(this).freezing(names);
    }

    /**
     * Returns this model with parameters that are neither trained nor sent, as {@link #freezing(String)}.
     *
     * @param which of the whole model's parameters
     * @throws IllegalArgumentException if it picks no parameter, or leaves none
     */
    default PersonalModel<D> freezing(Predicate<? super ParameterSpec> which) {
        return PersonalModel.of(this).freezing(which);
    }
}
