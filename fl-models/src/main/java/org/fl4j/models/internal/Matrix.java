package org.fl4j.models.internal;

/**
 * Rows of equal width, an example each, on the heap and in native memory: products want the one, loops the other. Whoever
 * writes to a side says so, and the other is brought up to date when it is asked for. Not thread-safe.
 */
public final class Matrix {

    private final int width;
    private final float[] heap;
    private final NativeFloats memory;
    private boolean heapIsBehind;
    private boolean memoryIsBehind;

    public Matrix(int rows, int width) {
        this.width = width;
        this.heap = new float[Math.multiplyExact(rows, width)];
        this.memory = NativeFloats.zeros(heap.length);
    }

    public int width() {
        return width;
    }

    /** The first n rows; the array is always the same. Call {@link #heapChanged} after writing. */
    public float[] heap(int n) {
        if (heapIsBehind) {
            memory.get(0, heap, 0, n * width);
            heapIsBehind = false;
        }
        return heap;
    }

    /** The first n rows. Call {@link #memoryChanged} after writing. */
    public NativeFloats memory(int n) {
        if (memoryIsBehind) {
            memory.put(0, heap, 0, n * width);
            memoryIsBehind = false;
        }
        return memory;
    }

    /** To be overwritten as a whole, whatever it holds; followed by {@link #heapChanged}. */
    public float[] heapToWrite() {
        return heap;
    }

    /** To be overwritten as a whole, whatever it holds; followed by {@link #memoryChanged}. */
    public NativeFloats memoryToWrite() {
        return memory;
    }

    public void heapChanged() {
        heapIsBehind = false;
        memoryIsBehind = true;
    }

    public void memoryChanged() {
        memoryIsBehind = false;
        heapIsBehind = true;
    }
}
