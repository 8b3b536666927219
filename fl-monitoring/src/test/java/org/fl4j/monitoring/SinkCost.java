package org.fl4j.monitoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * What all file sinks cost the thread that runs the rounds, beside the rounds of a 2NN (784-200-200-10) of 10 clients with 100
 * drawn digits each: a listener before the monitoring and one after it take the time between them.
 *
 * <p>Main class of the test class path; argument: rounds.
 */
final class SinkCost {

    private static final int CLIENTS = 10;
    private static final int EXAMPLES = 100;

    private final List<Double> rounds = new ArrayList<>();
    private long sinkNanos;
    private long before;

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
        double round = rounds.stream().sorted().skip(rounds.size() / 2).findFirst().orElseThrow();
        double sinks = sinkNanos / 1e9 / count;
        System.out.printf(
                Locale.ROOT,
                "%d rounds: a round takes %.1f ms (median), all file sinks %.3f ms (mean), ratio %.4f%n",
                count,
                1e3 * round,
                1e3 * sinks,
                sinks / round);
    }

    /** A round is handed on when the next one starts, or the run ends: these are the calls that cost. */
    private final class Before implements RoundListener {
        @Override
        public void roundStarted(int round) {
            before = System.nanoTime();
        }

        @Override
        public void roundEnded(RoundResult result) {
            if (result instanceof RoundResult.Advanced advanced) {
                rounds.add(advanced.report().duration().toNanos() / 1e9);
            }
            before = System.nanoTime();
        }

        @Override
        public void runEnded() {
            before = System.nanoTime();
        }
    }

    private final class After implements RoundListener {
        @Override
        public void roundStarted(int round) {
            sinkNanos += System.nanoTime() - before;
        }

        @Override
        public void roundEnded(RoundResult result) {
            sinkNanos += System.nanoTime() - before;
        }

        @Override
        public void runEnded() {
            sinkNanos += System.nanoTime() - before;
        }
    }
}
