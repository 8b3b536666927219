package org.fl4j.benchmarks;

import java.util.concurrent.TimeUnit;
import org.fl4j.privacy.dp.DiscreteGaussian;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast exact noise comes: the score is values a second on one core, the generation of their bits and a fresh key for
 * every draw included. A draw is the noise of a model of 1,000,000 parameters.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Noise {

    private static final int PARAMETERS = 1_000_000;

    /** In grid steps; the last but one has the most cells in its tail. */
    @Param({"4096", "1048576", "2097151", "1073741824"})
    private double sigma;

    private DiscreteGaussian gaussian = DiscreteGaussian.of(DiscreteGaussian.SMALLEST_SIGMA);

    /** Builds the table. */
    @Setup
    public void build() {
        gaussian = DiscreteGaussian.of(sigma);
    }

    /**
     * One vector.
     *
     * @return the noise
     */
    @Benchmark
    @OperationsPerInvocation(PARAMETERS)
    public long[] draw() {
        return gaussian.draw(PARAMETERS);
    }
}
