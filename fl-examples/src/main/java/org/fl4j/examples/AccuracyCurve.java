package org.fl4j.examples;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.model.Evaluation;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Collects evaluations round by round; writes them as CSV and as a plot. */
final class AccuracyCurve implements Evaluation.Listener {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 540;
    private static final int TICK_PIXELS = 80;

    /** Told apart by colour-blind readers, too (Okabe and Ito 2008), as far as six go. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xE69F00),
        new Color(0xCC79A7),
        new Color(0x009E73),
        new Color(0xD55E00),
        new Color(0x000000)
    };

    private final List<Point> points = new ArrayList<>();

    private record Point(int round, double accuracy, double loss) {}

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        points.add(new Point(round, evaluation.accuracy().orElse(0), evaluation.loss()));
    }

    double lastAccuracy() {
        return points.get(points.size() - 1).accuracy();
    }

    double bestAccuracy() {
        return points.stream().mapToDouble(Point::accuracy).max().orElse(0);
    }

    void writeCsv(Path file) throws IOException {
        try (CSVPrinter csv = Csv.to(file, "round", "accuracy", "loss")) {
            for (Point point : points) {
                csv.printRecord(point.round(), decimals(point.accuracy()), decimals(point.loss()));
            }
        }
    }

    void addTo(XYChart chart, String name) {
        chart.addSeries(
                        name,
                        points.stream().mapToDouble(Point::round).toArray(),
                        points.stream().mapToDouble(Point::accuracy).toArray())
                .setMarker(SeriesMarkers.NONE);
    }

    /** The first round at which the accuracy was reached. */
    OptionalInt roundsTo(double accuracy) {
        return points.stream()
                .filter(point -> point.accuracy() >= accuracy)
                .mapToInt(Point::round)
                .findFirst();
    }

    /** Draws named curves into one plot. */
    static void writePng(Path file, String title, Map<String, AccuracyCurve> curves) throws IOException {
        XYChart chart = chart(title, "round");
        chart.getStyler()
                .setXAxisDecimalPattern("0")
                .setXAxisMin(0.0)
                .setXAxisTickMarkSpacingHint(TICK_PIXELS)
                .setLegendVisible(curves.size() > 1);
        curves.forEach((name, curve) -> curve.addTo(chart, name));
        Files.write(file, ChartEncoder.getBytes(chart, "png"));
    }

    /** An empty plot of accuracies. */
    static XYChart chart(String title, String xAxis) {
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChart(WIDTH, HEIGHT);
        chart.setTitle(title);
        chart.setXAxisTitle(xAxis);
        chart.setYAxisTitle("test accuracy");
        chart.getStyler()
                .setYAxisMax(1.0)
                .setYAxisDecimalPattern("0.00")
                .setLegendPosition(Styler.LegendPosition.InsideSE)
                .setChartBackgroundColor(Color.WHITE)
                .setSeriesColors(COLOURS);
        return chart;
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
