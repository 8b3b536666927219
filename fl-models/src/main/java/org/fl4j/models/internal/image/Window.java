package org.fl4j.models.internal.image;

/**
 * How a window of taps moves over an image of [rows, columns, channels], for convolution and pooling.
 *
 * @param rows its vertical movement
 * @param columns its horizontal movement
 * @param channels of the image
 */
public record Window(Axis rows, Axis columns, int channels) {

    /**
     * One direction: tap k of output o lies at {@code o stride - before + k dilation}.
     *
     * @param size of the image
     * @param kernel taps
     * @param stride at least 1
     * @param dilation at least 1
     * @param before padding in front
     * @param outputs how many
     */
    public record Axis(int size, int kernel, int stride, int dilation, int before, int outputs) {

        /** Places from the first tap of the first output to the last of the last. */
        int span() {
            return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
        }

        /** Padding behind, where the last tap needs some. */
        int after() {
            return Math.max(0, span() - before - size);
        }

        /** Where a tap of an output lies; outside of the image where it meets padding. */
        int place(int output, int tap) {
            return output * stride - before + tap * dilation;
        }

        /** The first tap of an output within the image. */
        int firstTap(int output) {
            return Math.min(kernel, Math.max(0, ceilDiv(-place(output, 0), dilation)));
        }

        /** Behind the last tap of an output within the image. */
        int endTap(int output) {
            return Math.max(0, Math.min(kernel, ceilDiv(size - place(output, 0), dilation)));
        }

        /** The first output of which a tap lies within the image. */
        int firstOutput(int tap) {
            return Math.min(outputs, Math.max(0, ceilDiv(-place(0, tap), stride)));
        }

        /** Behind the last output of which a tap lies within the image. */
        int endOutput(int tap) {
            return Math.max(0, Math.min(outputs, ceilDiv(size - place(0, tap), stride)));
        }

        /** Whether an output sees padding alone. */
        public boolean hasEmptyWindow() {
            for (int o = 0; o < outputs; o++) {
                if (firstTap(o) >= endTap(o)) {
                    return true;
                }
            }
            return false;
        }

        private static int ceilDiv(int a, int b) {
            return -Math.floorDiv(-a, b);
        }
    }

    /** Values of an image. */
    int inputs() {
        return rows.size() * columns.size() * channels;
    }

    /** Places the window stops at. */
    int positions() {
        return rows.outputs() * columns.outputs();
    }

    int taps() {
        return rows.kernel() * columns.kernel();
    }

    boolean hasStrideOne() {
        return rows.stride() == 1 && columns.stride() == 1;
    }
}
