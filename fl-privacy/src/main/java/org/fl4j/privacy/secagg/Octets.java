package org.fl4j.privacy.secagg;

import java.util.Arrays;

/** Bytes that do not change, for the records of messages. None of them is a secret in the clear. */
final class Octets {

    static final Octets EMPTY = new Octets(new byte[0]);

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    static Octets copyOf(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /** Without a copy: the caller gives the array away. */
    static Octets owning(byte[] bytes) {
        return new Octets(bytes);
    }

    byte[] toArray() {
        return bytes.clone();
    }

    /** Without a copy: for those who only read. */
    byte[] shared() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
