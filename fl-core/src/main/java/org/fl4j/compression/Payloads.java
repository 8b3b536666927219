package org.fl4j.compression;

import java.nio.ByteBuffer;
import org.fl4j.CorruptDataException;

/** What the codecs check alike. */
final class Payloads {

    private static final int EXPONENT = 0x7F800000;

    private Payloads() {}

    /** The length of a payload of so many bits after so many bytes. */
    static int length(Codec codec, int n, long bytes, long bits) {
        long length = bytes + (bits + 7) / 8;
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("n must be such that a payload of " + codec.spec()
                    + " fits into an array, but was " + n + ", which makes " + length + " bytes");
        }
        return (int) length;
    }

    /** Checks what is to be encoded and makes room for it. */
    static byte[] empty(Codec codec, float[] x) {
        for (float value : x) {
            if (!isFinite(value)) {
                throw notFinite(x);
            }
        }
        return new byte[codec.payloadLength(x.length)];
    }

    /** The exception about a vector with a coordinate that is not finite. */
    static IllegalArgumentException notFinite(float[] x) {
        int i = 0;
        while (isFinite(x[i])) {
            i++;
        }
        return new IllegalArgumentException("an encoded vector must be finite, but coordinate " + i + " of " + x.length
                + " is " + x[i] + "; did the client's training diverge?");
    }

    private static boolean isFinite(float value) {
        return (Float.floatToRawIntBits(value) & EXPONENT) != EXPONENT;
    }

    /** Checks the length of what is to be decoded. */
    static ByteBuffer checked(Codec codec, byte[] payload, int n) {
        int expected = codec.payloadLength(n);
        if (payload.length != expected) {
            throw corrupt(codec, n, "it has " + payload.length + " bytes and not " + expected);
        }
        return ByteBuffer.wrap(payload);
    }

    static float finite(Codec codec, int n, float value) {
        if (!isFinite(value)) {
            throw corrupt(codec, n, "it holds " + value);
        }
        return value;
    }

    /** A scale: finite and not below zero. */
    static float scale(Codec codec, int n, float value) {
        if (finite(codec, n, value) < 0) {
            throw corrupt(codec, n, "it holds a scale of " + value);
        }
        return value;
    }

    static CorruptDataException corrupt(Codec codec, int n, String why) {
        return new CorruptDataException(
                "a payload of " + codec.spec() + " for " + n + " coordinates is damaged: " + why);
    }

    /** The nearest finite float. */
    static float saturated(double value) {
        return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
    }
}
