package org.fl4j.remote;

import java.util.Arrays;

/** Bytes with a value's equality. Whoever hands them over or takes them does not change them. */
final class Payload {

    /** Not a byte. */
    static final Payload NONE = new Payload(new byte[0]);

    private final byte[] bytes;

    private Payload(byte[] bytes) {
        this.bytes = bytes;
    }

    static Payload of(byte[] bytes) {
        return new Payload(bytes);
    }

    byte[] bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes.length == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Without the content, which may be an update. */
    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
