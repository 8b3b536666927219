package org.fl4j.monitoring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;

/** Everything that all sinks produced of a run, by sink, and what a listener without scruples saw of it. */
final class EverySink {

    /** Whether clients evaluate, and whether how they differ is shown. */
    enum Evaluated {
        NOT,
        SUMS,
        DISTRIBUTION
    }

    final Map<String, String> outputs = new TreeMap<>();
    final List<RoundResult.Report> reports = new ArrayList<>();

    private final InstantSource clock = new InstantSource() {
        private Instant next = Instant.parse("2026-03-01T08:00:00Z");

        /** Each look is 7.654321 s later. */
        @Override
        public Instant instant() {
            next = next.plusNanos(7_654_321_000L);
            return next;
        }
    };

    static EverySink of(
            Path folder,
            Federation federation,
            ServerBuilder builder,
            Evaluated evaluated,
            Consumer<ServerBuilder> more)
            throws Exception {
        EverySink all = new EverySink();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (MlflowStub mlflow = new MlflowStub();
                LogLines log = new LogLines("org.fl4j.monitoring");
                InProcessRunner threads = InProcessRunner.of(2)) {
            try (Monitoring monitoring = Monitoring.to(
                    all.clock,
                    CsvSink.in(folder.resolve("rounds.csv")),
                    JsonLinesSink.in(folder.resolve("rounds.jsonl")),
                    HtmlReport.in(folder.resolve("html")),
                    TensorBoardSink.in(folder.resolve("events")),
                    Slf4jSink.create(),
                    MicrometerSink.on(meters),
                    MlflowSink.at(mlflow.address(), "0"))) {
                play(federation, builder, settings -> {
                    more.accept(settings);
                    FederatedEvaluation sums = FederatedEvaluation.every(
                            1, federation.clients(), threads, monitoring.evaluations("federated"));
                    if (evaluated == Evaluated.SUMS) {
                        settings.listeners(sums);
                    } else if (evaluated == Evaluated.DISTRIBUTION) {
                        settings.listeners(sums.withDistribution(monitoring.distributions("federated")));
                    }
                    settings.listeners(monitoring, all.watching());
                });
                if (monitoring.failures() > 0) {
                    throw new AssertionError("" + log.lines());
                }
            }
            all.outputs.put("slf4j", String.join("\n", log.lines()));
            all.outputs.put(
                    "mlflow",
                    String.join(
                            "\n",
                            mlflow.requests.stream()
                                    .map(MlflowStub.Request::body)
                                    .toList()));
        }
        StringBuilder values = new StringBuilder();
        for (Meter meter : meters.getMeters()) {
            values.append(meter.getId()).append(' ');
            meter.measure()
                    .forEach(measure ->
                            values.append(Numbers.exact(measure.getValue())).append(' '));
        }
        all.outputs.put("micrometer", values.toString());
        all.readFiles(folder);
        return all;
    }

    private static void play(Federation federation, ServerBuilder builder, Consumer<ServerBuilder> settings) {
        try {
            federation.play(builder, Federation.START, 4, settings);
        } catch (FederatedServer.RunAbandonedException e) {
            // So does a run end of which no round advances; sinks have its rounds all the same.
        }
    }

    private RoundListener watching() {
        return new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                if (result instanceof RoundResult.Advanced advanced) {
                    reports.add(advanced.report());
                } else if (result instanceof RoundResult.Abandoned abandoned) {
                    reports.add(abandoned.report());
                }
            }
        };
    }

    private void readFiles(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (name.startsWith("events")) {
                    // The bytes, and the numbers in them.
                    text = name + "\n" + text + "\n" + EventFile.read(file);
                    name = "tensorboard";
                }
                outputs.merge(name.startsWith("run-") ? "html" : name, text, String::concat);
            }
        }
    }
}
