package org.fl4j.examples;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.nd4j.linalg.factory.Nd4j;

/** The quickstart. */
public final class Quickstart {

    private static final int ROUNDS = 20;

    private Quickstart() {}

    /**
     * Starts the quickstart.
     *
     * @param args what to run
     * @throws IOException if the chart cannot be written
     */
    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        System.out.println(
                "args " + List.of(args) + ", directory " + Path.of("").toAbsolutePath());
        System.out.println("terminal " + hasTerminal() + ", java " + Runtime.version());
        for (String arg : args) {
            if (arg.equals("--bad")) {
                System.exit(2);
            }
            if (arg.contains("/") && !Files.exists(Path.of(arg))) {
                System.err.println(arg + " does not exist");
                System.exit(2);
            }
        }
        if (hasTerminal()) {
            try (ProgressBar bar = new ProgressBar("rounds", ROUNDS)) {
                for (int i = 0; i < ROUNDS; i++) {
                    Nd4j.rand(100_000).close();
                    bar.step();
                }
            }
        }
        XYChart chart = new XYChart(400, 300);
        chart.addSeries("accuracy", new double[] {1, 2, 3}, new double[] {0.5, 0.7, 0.8});
        System.out.println("chart of " + ChartEncoder.getBytes(chart, "png").length + " bytes");
    }

    /** Since JDK 22 a console may exist without a terminal behind it; before that it is absent. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean hasTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
