package org.fl4j.data;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.fl4j.random.DeterministicRandom;

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
            throw new IllegalArgumentException(
                    "training and test examples must have the same shapes, but was " + training + " and " + test);
        }
    }

    /**
     * Splits examples at random so that both halves have the classes in the same proportion.
     *
     * @param all labelled with classes
     * @param share how much of each class is for training, in (0, 1), rounded to whole examples
     * @param seed decides who goes where
     * @return both halves, each in the examples' order
     * @throws IllegalArgumentException if the share is out of range
     */
    public static TrainTest stratified(Examples all, double share, long seed) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share must be in (0, 1), but was " + share);
        }
        int[] left = new int[all.labelLength()];
        for (int i = 0; i < all.size(); i++) {
            left[all.label(i)]++;
        }
        for (int c = 0; c < left.length; c++) {
            left[c] = (int) Math.round(share * left[c]);
        }
        boolean[] training = new boolean[all.size()];
        for (int example : new DeterministicRandom(seed).permutation(all.size())) {
            training[example] = left[all.label(example)]-- > 0;
        }
        return new TrainTest(select(all, i -> training[i]), select(all, i -> !training[i]));
    }

    private static Examples select(Examples all, IntPredicate which) {
        return all.select(IntStream.range(0, all.size()).filter(which).toArray());
    }
}
