package org.fl4j.model;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * How a model did on the examples of one class.
 *
 * @param examples how many have this label
 * @param correct how many of them were recognised
 * @param predicted how many of all examples were taken for this class
 */
public record ClassCounts(long examples, long correct, long predicted) {

    /**
     * The counts over both sets of examples.
     *
     * @param other of the same class
     * @return the sums
     */
    public ClassCounts plus(ClassCounts other) {
        return new ClassCounts(examples + other.examples, correct + other.correct, predicted + other.predicted);
    }

    void writeTo(BinaryWriter out) {
        out.writeLong(examples);
        out.writeLong(correct);
        out.writeLong(predicted);
    }

    static ClassCounts readFrom(BinaryReader in) {
        return new ClassCounts(in.readLong(), in.readLong(), in.readLong());
    }
}
