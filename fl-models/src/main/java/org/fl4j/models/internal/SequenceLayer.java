package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What reorders the values of sequences and has no parameters. */
public abstract sealed class SequenceLayer extends Layer {

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    /** From [features, T], as examples have it, to time-major [T, features]. */
    public static final class Transposition extends SequenceLayer {

        private final int steps;
        private final int width;

        public Transposition(int steps, int width) {
            this.steps = steps;
            this.width = width;
        }

        @Override
        public int outputs() {
            return steps * width;
        }

        @Override
        public void forward(int n, Matrix x, Matrix y, boolean training) {
            transpose(x.heap(n), y.heapToWrite(), n, width, steps);
            y.heapChanged();
        }

        @Override
        public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
            if (dx != null) {
                transpose(dy.heap(n), dx.heapToWrite(), n, steps, width);
                dx.heapChanged();
            }
        }
    }

    /** The last step of each sequence. */
    public static final class LastStep extends SequenceLayer {

        private final int steps;
        private final int width;

        public LastStep(int steps, int width) {
            this.steps = steps;
            this.width = width;
        }

        @Override
        public int outputs() {
            return width;
        }

        @Override
        public void forward(int n, Matrix x, Matrix y, boolean training) {
            float[] from = x.heap(n);
            float[] to = y.heapToWrite();
            for (int e = 0; e < n; e++) {
                System.arraycopy(from, (e * steps + steps - 1) * width, to, e * width, width);
            }
            y.heapChanged();
        }

        @Override
        public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
            if (dx != null) {
                float[] from = dy.heap(n);
                float[] to = dx.heapToWrite();
                Arrays.fill(to, 0, n * steps * width, 0);
                for (int e = 0; e < n; e++) {
                    System.arraycopy(from, e * width, to, (e * steps + steps - 1) * width, width);
                }
                dx.heapChanged();
            }
        }
    }

    /** n matrices of [rows, columns] to [columns, rows]. */
    static void transpose(float[] from, float[] to, int n, int rows, int columns) {
        for (int e = 0; e < n; e++) {
            int at = e * rows * columns;
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    to[at + c * rows + r] = from[at + r * columns + c];
                }
            }
        }
    }
}
