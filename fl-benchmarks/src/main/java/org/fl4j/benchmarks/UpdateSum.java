package org.fl4j.benchmarks;

import java.util.concurrent.TimeUnit;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast a linear rule sums a stream of updates, beside how fast this machine copies memory. One operation is a
 * megabyte (10^6 bytes) of input in both, so the scores, operations a second, compare: the target is a half.
 *
 * <p>1,000 updates of 1,000,000 FLOAT parameters, from 64 updates in turn, 256 MB in all: more than caches hold.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms2g", "-Xmx2g"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 8, time = 2)
public class UpdateSum {

    private static final int PARAMETERS = 1_000_000;
    private static final int BUFFERS = 64;
    private static final int CLIENTS = 1_000;
    private static final int MEGABYTES_AN_UPDATE = 4;

    private final ParameterLayout layout = BenchmarkUpdates.layout(PARAMETERS);
    private final RoundContext context = BenchmarkUpdates.context(layout, CLIENTS);
    private final ClientUpdate[] updates = new ClientUpdate[BUFFERS];
    private float[] source = {};
    private float[] target = {};

    /** Fills the buffers, so that the pages exist. */
    @Setup
    public void fill() {
        source = new float[BUFFERS * PARAMETERS];
        target = new float[BUFFERS * PARAMETERS];
        for (int i = 0; i < source.length; i++) {
            source[i] = i;
        }
        for (int i = 0; i < BUFFERS; i++) {
            updates[i] = BenchmarkUpdates.update(layout, i);
        }
    }

    /**
     * The yardstick: 256 MB copied.
     *
     * @return the copy
     */
    @Benchmark
    @OperationsPerInvocation(BUFFERS * MEGABYTES_AN_UPDATE)
    public float[] copy() {
        System.arraycopy(source, 0, target, 0, source.length);
        return target;
    }

    /** How long each half of {@link #copyThenSum} took, in nanoseconds, over all iterations. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Halves {
        /** Of copying. */
        public long copyNanos;

        /** Of summing. */
        public long sumNanos;
    }

    /**
     * As many megabytes copied and then summed, in turns of about a second: what else happens on the machine slows both.
     * {@code copyNanos / sumNanos} is the speed of the sum as a fraction of the copy's.
     *
     * @param halves how long each takes
     * @return the aggregate
     */
    @Benchmark
    @OperationsPerInvocation(2 * CLIENTS * MEGABYTES_AN_UPDATE)
    public ModelDelta copyThenSum(Halves halves) {
        long start = System.nanoTime();
        for (int left = CLIENTS * PARAMETERS; left > 0; left -= source.length) {
            System.arraycopy(source, 0, target, 0, Math.min(left, source.length));
        }
        long copied = System.nanoTime();
        ModelDelta aggregate = sum();
        halves.copyNanos += copied - start;
        halves.sumNanos += System.nanoTime() - copied;
        return aggregate;
    }

    /**
     * A round of 1,000 updates.
     *
     * @return the aggregate
     */
    @Benchmark
    @OperationsPerInvocation(CLIENTS * MEGABYTES_AN_UPDATE)
    public ModelDelta sum() {
        try (Aggregation aggregation = FedAvg.byExamples().begin(context).aggregation()) {
            for (int position = 0; position < CLIENTS; position++) {
                aggregation.add(position, updates[position % BUFFERS]);
            }
            return aggregation.finish().aggregate();
        }
    }
}
