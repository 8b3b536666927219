package org.fl4j.data;

import org.fl4j.internal.Check;

/**
 * Makes examples of text, to predict the character after each of a sequence, as in McMahan et al. (AISTATS 2017) and LEAF (Caldas et al. 2018).
 *
 * <p>There are {@value #VOCABULARY} characters: line feed, space, digits, letters, and {@code !"$&'(),-.:;?[]}; the last one stands for all
 * others.
 */
public final class NextCharacters {

    /** How many characters are told apart: {@value}. */
    public static final int VOCABULARY = 80;

    private static final String ALPHABET =
            "\n !\"$&'(),-.0123456789:;?[]ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private NextCharacters() {}

    /**
     * Cuts a text into sequences.
     *
     * @param text what is left over at its end is dropped
     * @param length characters in a sequence, at least 1
     * @param most sequences, at least 1
     * @return features {@code [1, length]}, the index of each character; targets {@code [VOCABULARY, length]}, the next characters, one-hot in columns.
     *     No examples if the text is not longer than a sequence
     * @throws IllegalArgumentException if a number is below 1
     */
    public static Examples of(String text, int length, int most) {
        Check.atLeast("length", length, 1);
        Check.atLeast("most", most, 1);
        int n = Math.min(most, Math.max(0, text.length() - 1) / length);
        float[] features = new float[n * length];
        float[] targets = new float[n * VOCABULARY * length];
        for (int i = 0; i < n * length; i++) {
            features[i] = index(text.charAt(i));
            int sequence = i / length;
            targets[(sequence * VOCABULARY + index(text.charAt(i + 1))) * length + i % length] = 1;
        }
        return Examples.withTargets(features, new long[] {1, length}, targets, new long[] {VOCABULARY, length});
    }

    private static int index(char c) {
        int index = ALPHABET.indexOf(c);
        return index < 0 ? VOCABULARY - 1 : index;
    }
}
