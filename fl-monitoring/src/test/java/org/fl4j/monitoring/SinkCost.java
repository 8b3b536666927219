package org.fl4j.monitoring;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.data.StrokeDigits;
import org.fl4j.internal.Folders;
import org.fl4j.models.DenseModel;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;

/**
 * What all file sinks cost the thread that runs the rounds, beside the rounds of a 2NN (784-200-200-10) of 10 clients with 600
 * drawn digits each: a listener before the monitoring and one after it take the time between them, on the clock and of the
 * processor, as a busy machine makes a thread wait for either.
 *
 * <p>Main class of the test class path; argument: rounds.
 */
final class SinkCost {

    private static final int CLIENTS = 10;
    private static final int EXAMPLES = 600;

    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    private double roundSeconds;
    private long sinkNanos;
    private long sinkCpuNanos;
    private long before;
    private long cpuBefore;

    private SinkCost() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length == 0 ? 200 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory("sinks");
        try {
            new SinkCost().measure(count, folder);
        } finally {
            Folders.deleteTree(folder);
        }
    }

    private void measure(int count, Path folder) {
        StrokeDigits digits = StrokeDigits.of(1);
        try (Monitoring monitoring = Monitoring.to(
                CsvSink.in(folder.resolve("rounds.csv")),
                JsonLinesSink.in(folder.resolve("rounds.jsonl")),
                HtmlReport.in(folder.resolve("html")),
                TensorBoardSink.in(folder.resolve("events")),
                Slf4jSink.create())) {
            Simulation.with(FedAvg.byExamples())
                    .over(
                            Population.generated(CLIENTS, client -> digits.writer(client, EXAMPLES)),
                            () -> DenseModel.perceptron(StrokeDigits.SIDE * StrokeDigits.SIDE, 200, 200, 10))
                    .evaluateOn(digits.heldOut(200), monitoring.evaluations("central"))
                    .configure(builder -> builder.listeners(new Before(), monitoring, new After()))
                    .run(count);
        }
        System.out.printf(
                Locale.ROOT,
                "%d rounds: a round takes %.1f ms, all file sinks %.3f ms of which %.3f ms on the processor; ratio %.4f, of"
                        + " processor time %.4f%n",
                count,
                1e3 * roundSeconds / count,
                sinkNanos / 1e6 / count,
                sinkCpuNanos / 1e6 / count,
                sinkNanos / 1e9 / roundSeconds,
                sinkCpuNanos / 1e9 / roundSeconds);
    }

    private void start() {
        before = System.nanoTime();
        cpuBefore = THREAD.getCurrentThreadCpuTime();
    }

    private void stop() {
        sinkNanos += System.nanoTime() - before;
        sinkCpuNanos += THREAD.getCurrentThreadCpuTime() - cpuBefore;
    }

    /** A round is handed on when the next one starts, or the run ends: these are the calls that cost. */
    private final class Before implements RoundListener {
        @Override
        public void roundStarted(int round) {
            start();
        }

        @Override
        public void roundEnded(RoundResult result) {
            if (result instanceof RoundResult.Advanced advanced) {
                roundSeconds += advanced.report().duration().toNanos() / 1e9;
            }
            start();
        }

        @Override
        public void runEnded() {
            start();
        }
    }

    private final class After implements RoundListener {
        @Override
        public void roundStarted(int round) {
            stop();
        }

        @Override
        public void roundEnded(RoundResult result) {
            stop();
        }

        @Override
        public void runEnded() {
            stop();
        }
    }
}
