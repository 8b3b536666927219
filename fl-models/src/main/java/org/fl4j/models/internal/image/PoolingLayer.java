package org.fl4j.models.internal.image;

import java.util.Arrays;
import java.util.List;
import org.fl4j.models.internal.Layer;
import org.fl4j.models.internal.Matrix;
import org.fl4j.models.internal.NativeFloats;
import org.fl4j.models.internal.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Pooling of images, channels last, in each channel: the greatest value of a window, or the mean. Padding never wins. Of
 * equal values the first, row by row, gets the gradient. Taps are gathered into arrays as long as the output, whatever the
 * window, and compared there.
 */
public final class PoolingLayer extends Layer {

    /** What becomes of a window's values. */
    public enum Kind {
        /** The greatest. */
        MAX,
        /** Their sum divided by the number of those in the image. */
        MEAN_OF_PRESENT,
        /** Their sum divided by the number of taps. */
        MEAN_OF_ALL
    }

    private final Window window;
    private final Kind kind;
    private final int[] image;
    private final int[] candidate;
    private final int[] best;
    private final int[] less;
    private final int[] winner;
    private final int[] winners;
    private final int[] offsets;
    private final float[] values;
    private final float[] divisors;
    private final NativeFloats memory;

    /**
     * A layer.
     *
     * @param images of a mini-batch at most
     * @param window padding narrower than the kernel: each of its places meets the image
     */
    public PoolingLayer(int images, Window window, Kind kind) {
        this.window = window;
        this.kind = kind;
        boolean max = kind == Kind.MAX;
        int outputs = outputs();
        this.image = new int[max ? window.inputs() : 0];
        this.candidate = new int[max ? outputs : 0];
        this.best = new int[max ? outputs : 0];
        this.less = new int[best.length];
        this.winner = new int[best.length];
        this.winners = new int[max ? Math.multiplyExact(images, outputs) : 0];
        this.offsets = offsets();
        this.values = new float[max ? 0 : outputs];
        this.divisors = max ? new float[0] : divisors();
        this.memory = NativeFloats.zeros(Math.max(window.inputs(), outputs));
    }

    private int[] offsets() {
        int[] offsets = new int[window.taps()];
        int kernel = window.columns().kernel();
        for (int t = 0; t < offsets.length; t++) {
            int rows = t / kernel * window.rows().dilation();
            offsets[t] = (rows * window.columns().size()
                            + t % kernel * window.columns().dilation())
                    * window.channels();
        }
        return offsets;
    }

    private float[] divisors() {
        float[] counts = new float[outputs()];
        int channels = window.channels();
        for (int p = 0; p < window.positions(); p++) {
            int y = p / window.columns().outputs();
            int x = p % window.columns().outputs();
            int present = (window.rows().endTap(y) - window.rows().firstTap(y))
                    * (window.columns().endTap(x) - window.columns().firstTap(x));
            Arrays.fill(counts, p * channels, (p + 1) * channels, kind == Kind.MEAN_OF_ALL ? window.taps() : present);
        }
        return counts;
    }

    @Override
    public int outputs() {
        return window.positions() * window.channels();
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        float[] in = x.heap(n);
        float[] out = y.heapToWrite();
        for (int e = 0; e < n; e++) {
            if (kind == Kind.MAX) {
                greatest(in, e, out);
            } else {
                means(in, e, out);
            }
        }
        y.heapChanged();
    }

    /** Whole numbers of the order of the floats: they are compared without branches. */
    private void greatest(float[] in, int e, float[] out) {
        int outputs = outputs();
        memory.put(0, in, e * window.inputs(), window.inputs());
        memory.getBits(0, image, 0, window.inputs());
        toOrdered(image, window.inputs());
        gather(0, best);
        Arrays.fill(winner, 0);
        for (int t = 1; t < window.taps(); t++) {
            gather(t, candidate);
            compare(best, candidate, less, outputs);
            choose(less, candidate, best, outputs);
            choose(less, t, winner, outputs);
        }
        System.arraycopy(winner, 0, winners, e * outputs, outputs);
        toBits(best, outputs);
        memory.putBits(0, best, 0, outputs);
        memory.get(0, out, e * outputs, outputs);
    }

    private void gather(int tap, int[] into) {
        Window.Axis rows = window.rows();
        Window.Axis columns = window.columns();
        int channels = window.channels();
        int ky = tap / columns.kernel();
        int kx = tap % columns.kernel();
        int first = columns.firstOutput(kx);
        int end = columns.endOutput(kx);
        int width = columns.outputs() * channels;
        if (rows.firstOutput(ky) > 0 || rows.endOutput(ky) < rows.outputs() || first > 0 || end < columns.outputs()) {
            Arrays.fill(into, Integer.MIN_VALUE);
        }
        for (int y = rows.firstOutput(ky); y < rows.endOutput(ky); y++) {
            int from = (rows.place(y, ky) * columns.size() + columns.place(0, kx)) * channels;
            for (int x = first; x < end; x++) {
                System.arraycopy(
                        image, from + x * columns.stride() * channels, into, y * width + x * channels, channels);
            }
        }
    }

    private void means(float[] in, int e, float[] out) {
        int outputs = outputs();
        Arrays.fill(values, 0);
        for (int t = 0; t < window.taps(); t++) {
            addTap(t, in, e * window.inputs(), true);
        }
        divide(values, divisors, outputs);
        System.arraycopy(values, 0, out, e * outputs, outputs);
    }

    /** Adds a tap's values of the image to the outputs, or the outputs to the image. */
    private void addTap(int tap, float[] image, int at, boolean toOutputs) {
        Window.Axis rows = window.rows();
        Window.Axis columns = window.columns();
        int channels = window.channels();
        int ky = tap / columns.kernel();
        int kx = tap % columns.kernel();
        int width = columns.outputs() * channels;
        for (int y = rows.firstOutput(ky); y < rows.endOutput(ky); y++) {
            int row = at + rows.place(y, ky) * columns.size() * channels;
            for (int x = columns.firstOutput(kx); x < columns.endOutput(kx); x++) {
                int pixel = row + columns.place(x, kx) * channels;
                int output = y * width + x * channels;
                if (toOutputs) {
                    ConvolutionProducts.add(values, output, image, pixel, channels);
                } else {
                    ConvolutionProducts.add(image, pixel, values, output, channels);
                }
            }
        }
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        if (dx == null) {
            return;
        }
        float[] d = dy.heap(n);
        float[] into = dx.heapToWrite();
        int outputs = outputs();
        Arrays.fill(into, 0, n * window.inputs(), 0);
        for (int e = 0; e < n; e++) {
            if (kind == Kind.MAX) {
                toWinners(d, e, into);
            } else {
                System.arraycopy(d, e * outputs, values, 0, outputs);
                divide(values, divisors, outputs);
                for (int t = 0; t < window.taps(); t++) {
                    addTap(t, into, e * window.inputs(), false);
                }
            }
        }
        dx.heapChanged();
    }

    private void toWinners(float[] d, int e, float[] into) {
        Window.Axis rows = window.rows();
        Window.Axis columns = window.columns();
        int channels = window.channels();
        int at = e * outputs();
        for (int y = 0; y < rows.outputs(); y++) {
            for (int x = 0; x < columns.outputs(); x++) {
                int pixel = e * window.inputs() + (rows.place(y, 0) * columns.size() + columns.place(x, 0)) * channels;
                for (int c = 0; c < channels; c++) {
                    into[pixel + c + offsets[winners[at + c]]] += d[at + c];
                }
                at += channels;
            }
        }
    }

    // One loop a method, over arrays alone: so the compiler makes vector code of them.

    /** From bits of floats, sign and magnitude, to numbers of the same order; both zeros are 0. */
    private static void toOrdered(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            int sign = bits[i] >> 31;
            bits[i] = ((bits[i] & Integer.MAX_VALUE) ^ sign) - sign;
        }
    }

    private static void toBits(int[] ordered, int n) {
        for (int i = 0; i < n; i++) {
            int sign = ordered[i] >> 31;
            ordered[i] = ((ordered[i] ^ sign) - sign) | (sign & Integer.MIN_VALUE);
        }
    }

    /** All bits where a is less than b, whatever their distance; none elsewhere. */
    private static void compare(int[] a, int[] b, int[] less, int n) {
        for (int i = 0; i < n; i++) {
            int difference = a[i] - b[i];
            less[i] = (difference ^ ((a[i] ^ b[i]) & (difference ^ a[i]))) >> 31;
        }
    }

    private static void choose(int[] mask, int[] values, int[] into, int n) {
        for (int i = 0; i < n; i++) {
            into[i] = (into[i] & ~mask[i]) | (values[i] & mask[i]);
        }
    }

    private static void choose(int[] mask, int value, int[] into, int n) {
        for (int i = 0; i < n; i++) {
            into[i] = (into[i] & ~mask[i]) | (value & mask[i]);
        }
    }

    private static void divide(float[] values, float[] by, int n) {
        for (int i = 0; i < n; i++) {
            values[i] /= by[i];
        }
    }
}
