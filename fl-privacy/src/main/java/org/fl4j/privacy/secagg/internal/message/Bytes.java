package org.fl4j.privacy.secagg.internal.message;

import java.util.Arrays;

/** Bytes that do not change, for the records of messages. None of them is a secret in the clear. */
public final class Bytes {

    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] bytes;

    private Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Bytes copyOf(byte[] bytes) {
        return new Bytes(bytes.clone());
    }

    /** Without a copy: the caller must not change the array. */
    public static Bytes owning(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** Without a copy: the caller must not change the array. */
    public byte[] shared() {
        return bytes;
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
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
