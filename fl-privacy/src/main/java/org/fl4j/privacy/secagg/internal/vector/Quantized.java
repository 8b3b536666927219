package org.fl4j.privacy.secagg.internal.vector;

/** A contribution as integers, or why it has no place among them. */
public sealed interface Quantized {

    /**
     * In range.
     *
     * @param vector the client's, to be masked and erased
     */
    record Integers(RingVector vector) implements Quantized {}

    /**
     * Out of range.
     *
     * @param reason says what is allowed, never what the client has
     */
    record Refused(String reason) implements Quantized {}
}
