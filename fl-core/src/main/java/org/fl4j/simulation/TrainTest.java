package org.fl4j.simulation;

import org.fl4j.model.Examples;

/**
 * Examples to train on and examples to test on, of one kind.
 *
 * <p>Immutable and thread-safe.
 *
 * @param training what may be learned from
 * @param test what only evaluation may see
 */
public record TrainTest(Examples training, Examples test) {

    /**
     * Checks that both halves have the same shapes.
     *
     * @param training what may be learned from
     * @param test what only evaluation may see
     * @throws IllegalArgumentException if the shapes of features or labels differ
     */
    public TrainTest {
        if (!training.featureShape().equals(test.featureShape())
                || !training.labelShape().equals(test.labelShape())) {
            throw new IllegalArgumentException("training and test examples must have the same shapes. Provided value: "
                    + training + " and " + test);
        }
    }
}
