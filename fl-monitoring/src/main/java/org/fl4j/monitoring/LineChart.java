package org.fl4j.monitoring;

import java.util.ArrayList;
import java.util.List;

/** A chart of figures against rounds, as an SVG element without any asset or script. Not for one without points. */
final class LineChart {

    private static final int WIDTH = 400;
    private static final int HEIGHT = 200;
    private static final int LEFT = 48;
    private static final int RIGHT = 8;
    private static final int TOP = 8;
    private static final int BOTTOM = 22;

    /** More than a screen has pixels for. */
    private static final int POINTS = 300;

    /** So many colors the page has. */
    private static final int COLORS = 8;

    private final Scale x;
    private final Scale y;
    private final StringBuilder svg = new StringBuilder();

    /** One round's value. */
    record Point(int round, double value) {}

    /** A line. */
    record Series(String name, List<Point> points) {
        Point last() {
            return points.get(points.size() - 1);
        }
    }

    private LineChart(List<Series> series, boolean fromZero) {
        double lowest = fromZero ? 0 : Double.POSITIVE_INFINITY;
        double highest = Double.NEGATIVE_INFINITY;
        int first = Integer.MAX_VALUE;
        int last = 1;
        for (Series line : series) {
            for (Point point : line.points()) {
                lowest = Math.min(lowest, point.value());
                highest = Math.max(highest, point.value());
                first = Math.min(first, point.round());
                last = Math.max(last, point.round());
            }
        }
        this.x = Scale.of(first, last, LEFT, WIDTH - RIGHT);
        this.y = Scale.of(lowest, highest, HEIGHT - BOTTOM, TOP);
    }

    /** The element. */
    static String svg(String title, List<Series> series, boolean fromZero) {
        return new LineChart(series, fromZero).draw(title, series);
    }

    /** The class of a series, which the page gives a color. */
    static String color(int series) {
        return "c" + series % COLORS;
    }

    private String draw(String title, List<Series> series) {
        svg.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(HEIGHT);
        svg.append("\" role=\"img\" aria-label=\"").append(Html.escape(title)).append("\">");
        for (double tick : y.ticks(6)) {
            double at = y.at(tick);
            svg.append("<path class=\"g\" d=\"M").append(LEFT).append(' ').append(place(at));
            svg.append('H').append(WIDTH - RIGHT).append("\"/>");
            text(LEFT - 4, at + 4, "end", Html.brief(tick));
        }
        for (double tick : x.ticks(5)) {
            if (tick == Math.rint(tick)) {
                double at = x.at(tick);
                text(at, HEIGHT - 6, at > WIDTH - LEFT / 2.0 ? "end" : "middle", Html.brief(tick));
            }
        }
        for (int i = 0; i < series.size(); i++) {
            List<Point> points = series.get(i).points();
            if (points.size() > POINTS) {
                line(color(i) + " spread", extremes(points));
                line(color(i), means(points));
            } else {
                line(color(i), points);
            }
        }
        return svg.append("</svg>").toString();
    }

    private void text(double at, double down, String anchor, String text) {
        svg.append("<text x=\"").append(place(at)).append("\" y=\"").append(place(down));
        svg.append("\" text-anchor=\"")
                .append(anchor)
                .append("\">")
                .append(text)
                .append("</text>");
    }

    private void line(String color, List<Point> points) {
        if (points.size() == 1) {
            Point only = points.get(0);
            svg.append("<circle class=\"").append(color).append("\" cx=\"").append(place(x.at(only.round())));
            svg.append("\" cy=\"").append(place(y.at(only.value()))).append("\" r=\"3\"/>");
            return;
        }
        svg.append("<polyline class=\"").append(color).append("\" points=\"");
        for (Point point : points) {
            svg.append(place(x.at(point.round()))).append(',');
            svg.append(place(y.at(point.value()))).append(' ');
        }
        svg.append("\"/>");
    }

    /** With one decimal: a page has thousands of them, and a formatter would take most of its time. */
    private static double place(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** Of every stretch of rounds the lowest and the highest, so that no outlier is lost. */
    private static List<Point> extremes(List<Point> points) {
        List<Point> kept = new ArrayList<>();
        for (List<Point> stretch : stretches(points)) {
            Point low = stretch.get(0);
            Point high = stretch.get(0);
            for (Point point : stretch) {
                low = point.value() < low.value() ? point : low;
                high = point.value() > high.value() ? point : high;
            }
            kept.add(low.round() <= high.round() ? low : high);
            if (low.round() != high.round()) {
                kept.add(low.round() < high.round() ? high : low);
            }
        }
        return kept;
    }

    /** Of every stretch of rounds the mean, so that a line can be seen among them. */
    private static List<Point> means(List<Point> points) {
        List<Point> means = new ArrayList<>();
        for (List<Point> stretch : stretches(points)) {
            double mean = 0;
            for (Point point : stretch) {
                mean += point.value() / stretch.size();
            }
            means.add(new Point(stretch.get(stretch.size() / 2).round(), mean));
        }
        return means;
    }

    private static List<List<Point>> stretches(List<Point> points) {
        List<List<Point>> stretches = new ArrayList<>();
        int count = POINTS / 2;
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) i * points.size() / count);
            stretches.add(points.subList(from, (int) ((long) (i + 1) * points.size() / count)));
        }
        return stretches;
    }

    /** From values to places. */
    private record Scale(double lowest, double highest, double from, double to) {

        static Scale of(double lowest, double highest, double from, double to) {
            double margin = highest / 2 - lowest / 2 > Double.MIN_NORMAL ? 0 : Math.max(Math.abs(highest) / 10, 0.5);
            double most = Double.MAX_VALUE;
            return new Scale(Math.max(lowest - margin, -most), Math.min(highest + margin, most), from, to);
        }

        double at(double value) {
            // Divided first: the difference of two large values may overflow.
            return from + (to - from) * ((value / 2 - lowest / 2) / (highest / 2 - lowest / 2));
        }

        /** Round numbers, about so many. */
        List<Double> ticks(int about) {
            double rough = (highest / 2 - lowest / 2) / about * 2;
            double unit = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = unit * (rough / unit > 5 ? 10 : rough / unit > 2 ? 5 : rough / unit > 1 ? 2 : 1);
            List<Double> ticks = new ArrayList<>();
            for (double tick = Math.ceil(lowest / step) * step; tick <= highest && ticks.size() < 20; tick += step) {
                ticks.add(Math.abs(tick) < step / 1e6 ? 0 : tick);
            }
            return ticks;
        }
    }
}
