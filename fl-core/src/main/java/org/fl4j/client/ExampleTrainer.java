package org.fl4j.client;

import org.fl4j.ClientId;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;

/**
 * Trains a client of this JVM by gradients of single examples, in place of the model's own training: what hides each example of a client from all
 * others ({@link LocalClient#trainedBy}).
 *
 * <p>Thread-safe: called for several clients at once.
 */
@FunctionalInterface
public interface ExampleTrainer {

    /**
     * Trains in one round: chooses examples, sums, steps, as often as the task asks for.
     *
     * @param client who trains
     * @param task what the server asks for
     * @param gradients of the client's examples, with the correction of the task's objective
     * @return what was done; all of it reaches the server
     */
    LocalTraining.Report train(ClientId client, TrainingTask task, ExampleGradients gradients);
}
