package org.fl4j.models.internal.image;

/**
 * A padded image whose rows share their padding: with a row stride of {@code width + max(left, right)} the padding behind
 * a row is that before the next, so at stride 1 every tap is a plain offset. Outputs come in rows of the same stride; what
 * lies between two rows of them is no output.
 */
final class PaddedGrid {

    private final Window.Axis rows;
    private final Window.Axis columns;
    private final int stride;

    PaddedGrid(Window window) {
        this.rows = window.rows();
        this.columns = window.columns();
        this.stride = columns.size() + Math.max(columns.before(), columns.after());
    }

    /** Pixels that any tap of any output meets. */
    int pixels() {
        return (rows.span() - 1) * stride + columns.span();
    }

    /** Where a row of the image begins. */
    int image(int y) {
        return (y + rows.before()) * stride + columns.before();
    }

    /** From the first pixel of the image to its last. */
    int imagePixels() {
        return (rows.size() - 1) * stride + columns.size();
    }

    /** Where a row of outputs begins. */
    int output(int y) {
        return y * stride;
    }

    /** From the first output to the last, with what lies between. */
    int outputPixels() {
        return (rows.outputs() - 1) * stride + columns.outputs();
    }

    /** How far a tap lies from its output. */
    int offset(int tap) {
        return tap / columns.kernel() * rows.dilation() * stride + tap % columns.kernel() * columns.dilation();
    }

    /** Outputs [positions, filters] to rows of the stride. What lies between stays as it is. */
    void spread(float[] dense, float[] grid, int at, int filters) {
        int n = columns.outputs() * filters;
        for (int y = 0; y < rows.outputs(); y++) {
            System.arraycopy(dense, y * n, grid, at + output(y) * filters, n);
        }
    }

    /** The reverse of {@link #spread}. */
    void gather(float[] grid, float[] dense, int to, int filters) {
        int n = columns.outputs() * filters;
        for (int y = 0; y < rows.outputs(); y++) {
            System.arraycopy(grid, output(y) * filters, dense, to + y * n, n);
        }
    }
}
