package org.fl4j.data;

/**
 * Draws curves into one image of a feature array: a pixel's value is how much of it the pen covers, by its distance to
 * the nearest piece of the curve, and pieces that cross do not add up.
 */
final class StrokeCanvas {

    /** Pieces that each stretch between two points is drawn with; at 28 pixels more cannot be told apart. */
    private static final int PIECES = 4;

    private final float[] pixels;
    private final int side;
    private int offset;

    StrokeCanvas(float[] pixels, int side) {
        this.pixels = pixels;
        this.side = side;
    }

    /** Starts the image whose first pixel is at an offset of the array. */
    void begin(int first) {
        offset = first;
    }

    /**
     * A cardinal spline through points.
     *
     * @param points {@code x0, y0, x1, y1, ..} in pixels; the first {@code count} points count
     * @param count at least 2
     * @param roundness 0 for straight lines, 0.5 for Catmull and Rom's spline
     * @param radius half the width of the pen, in pixels
     */
    void curve(double[] points, int count, double roundness, double radius) {
        double x = points[0];
        double y = points[1];
        for (int i = 0; i + 1 < count; i++) {
            int before = 2 * Math.max(i - 1, 0);
            int from = 2 * i;
            int to = from + 2;
            int after = 2 * Math.min(i + 2, count - 1);
            double dx0 = roundness * (points[to] - points[before]);
            double dy0 = roundness * (points[to + 1] - points[before + 1]);
            double dx1 = roundness * (points[after] - points[from]);
            double dy1 = roundness * (points[after + 1] - points[from + 1]);
            for (int p = 1; p <= PIECES; p++) {
                double t = (double) p / PIECES;
                double nextX = hermite(t, points[from], points[to], dx0, dx1);
                double nextY = hermite(t, points[from + 1], points[to + 1], dy0, dy1);
                line(x, y, nextX, nextY, radius);
                x = nextX;
                y = nextY;
            }
        }
    }

    /** The cubic with given ends and slopes. */
    private static double hermite(double t, double from, double to, double slopeFrom, double slopeTo) {
        double s = 1 - t;
        return s * s * ((1 + 2 * t) * from + t * slopeFrom) + t * t * ((1 + 2 * s) * to - s * slopeTo);
    }

    private void line(double x0, double y0, double x1, double y1, double radius) {
        double reach = radius + 0.5;
        int left = (int) Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
        int right = (int) Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach));
        int top = (int) Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
        int bottom = (int) Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach));
        double dx = x1 - x0;
        double dy = y1 - y0;
        double perLength2 = 1 / Math.max(dx * dx + dy * dy, 1e-12);
        for (int row = top; row <= bottom; row++) {
            int at = offset + row * side;
            for (int column = left; column <= right; column++) {
                double px = column - x0;
                double py = row - y0;
                double t = Math.max(0, Math.min(1, (px * dx + py * dy) * perLength2));
                double ex = px - t * dx;
                double ey = py - t * dy;
                double distance2 = ex * ex + ey * ey;
                if (distance2 < reach * reach) {
                    float covered = (float) Math.min(1, reach - Math.sqrt(distance2));
                    pixels[at + column] = Math.max(pixels[at + column], covered);
                }
            }
        }
    }
}
