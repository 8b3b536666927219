package org.fl4j.data;

import java.util.List;
import org.fl4j.internal.Check;

/**
 * What a CSV file held.
 *
 * <p>Immutable and thread-safe.
 *
 * @param examples the rows that were kept, in the file's order, features of shape {@code [features]}
 * @param featureNames the column of each feature
 * @param classNames the label value of each class
 * @param keys the key of each example, for {@link Partition#byKey}; empty where no key column was named
 * @param droppedRows how many rows were dropped because a value was missing
 */
public record CsvData(
        Examples examples, List<String> featureNames, List<String> classNames, List<String> keys, int droppedRows) {

    /**
     * Checks that the parts fit together.
     *
     * @param examples the rows that were kept
     * @param featureNames the column of each feature
     * @param classNames the label value of each class
     * @param keys the key of each example, or empty
     * @param droppedRows how many rows were dropped, at least 0
     * @throws IllegalArgumentException if there is not one name for each feature and class, or one key for each example
     */
    public CsvData {
        featureNames = List.copyOf(featureNames);
        classNames = List.copyOf(classNames);
        keys = List.copyOf(keys);
        require("featureNames", examples.featureLength(), featureNames.size());
        require("classNames", examples.labelLength(), classNames.size());
        if (!keys.isEmpty()) {
            require("keys", examples.size(), keys.size());
        }
        Check.atLeast("droppedRows", droppedRows, 0);
    }

    private static void require(String what, int expected, int actual) {
        if (expected != actual) {
            throw new IllegalArgumentException(what + " must be " + expected + ", but was " + actual);
        }
    }
}
