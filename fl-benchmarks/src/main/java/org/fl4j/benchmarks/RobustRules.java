package org.fl4j.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.robust.Bulyan;
import org.fl4j.aggregation.robust.CenteredClipping;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.aggregation.robust.GeometricMedian;
import org.fl4j.aggregation.robust.Krum;
import org.fl4j.aggregation.robust.TrimmedMean;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ParameterLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A round of a robust rule over 100 updates of 1,000,000 FLOAT parameters, held on the heap. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class RobustRules {

    private static final int UPDATES = 100;
    private static final int PARAMETERS = 1_000_000;
    private static final int LIARS = 20;

    /** Which rule. */
    @Param({"median", "trimmed mean", "Krum", "Bulyan", "geometric median", "centered clipping"})
    public String rule = "median";

    private final ParameterLayout layout = BenchmarkUpdates.layout(PARAMETERS);
    private final List<ClientUpdate> updates = new ArrayList<>();

    /** Draws the updates. */
    @Setup
    public void prepare() {
        for (int i = 0; i < UPDATES; i++) {
            updates.add(BenchmarkUpdates.update(layout, i));
        }
    }

    /**
     * A round.
     *
     * @return what comes of it
     */
    @Benchmark
    public Aggregation.Result round() {
        try (Aggregation aggregation =
                chosen().begin(BenchmarkUpdates.context(layout, UPDATES)).aggregation()) {
            for (int i = 0; i < UPDATES; i++) {
                aggregation.add(i, updates.get(i));
            }
            return aggregation.finish();
        }
    }

    private DirectAggregator chosen() {
        return switch (rule) {
            case "median" -> CoordinateMedian.of();
            case "trimmed mean" -> TrimmedMean.share(0.2);
            case "Krum" -> Krum.tolerating(LIARS);
            case "Bulyan" -> Bulyan.tolerating(LIARS);
            case "geometric median" -> GeometricMedian.uniform();
            default -> CenteredClipping.radius(100);
        };
    }
}
