package org.fl4j.models.internal;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * FP32 values in native memory, reached by offset. Each object has a position of its own that its calls move, so the
 * operands of one product must be different objects, such as two {@link #slice}s of one memory. Bulk copies cost a
 * memory copy and a tenth of a microsecond; there is no access to single values.
 *
 * <p>Memory of one's own is freed when the object is collected, as is that of an ND4J array. Not thread-safe.
 */
public final class NativeFloats {

    private final FloatPointer pointer;
    private final IntPointer bits;
    private final long origin;
    private final int length;

    private NativeFloats(Pointer base, long origin, int length) {
        this.pointer = new FloatPointer(base);
        this.bits = new IntPointer(base);
        this.origin = origin;
        this.length = length;
    }

    /** Memory of one's own, zeroed. */
    public static NativeFloats zeros(int length) {
        FloatPointer memory = new FloatPointer(Math.max(1, length));
        Pointer.memset(memory, 0, (long) Float.BYTES * Math.max(1, length));
        return new NativeFloats(memory, 0, length);
    }

    /** Memory of another's, such as a network's parameters; the caller keeps it alive. */
    public static NativeFloats over(Pointer address, int length) {
        return new NativeFloats(address, 0, length);
    }

    /** Some of the same memory. */
    public NativeFloats slice(int from, int count) {
        return new NativeFloats(new FloatPointer(pointer).position(0), origin + from, count);
    }

    public int length() {
        return length;
    }

    /** Valid until the next call on this object. */
    FloatPointer at(long offset) {
        return pointer.position(origin + offset);
    }

    public void get(int from, float[] into, int at, int n) {
        pointer.position(origin + from).get(into, at, n);
    }

    public void put(int from, float[] values, int at, int n) {
        pointer.position(origin + from).put(values, at, n);
    }

    /** The values' bits: tests of sign and zero on whole numbers are loops that the compiler makes vector code of. */
    public void getBits(int from, int[] into, int at, int n) {
        bits.position(origin + from).get(into, at, n);
    }

    public void putBits(int from, int[] values, int at, int n) {
        bits.position(origin + from).put(values, at, n);
    }
}
