package org.fl4j.benchmarks;

import java.util.concurrent.TimeUnit;
import org.fl4j.compression.Codec;
import org.fl4j.random.DeterministicRandom;
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

/** How fast codecs encode and decode a Gaussian vector of 2^20: the score is coordinates a second on one core. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Codecs {

    private static final int N = 1 << 20;

    /** Which codec. */
    @Param({"eden 1", "eden 2", "eden 3", "eden 4", "qsgd 7", "top-k", "random-k", "sign", "fp16", "none"})
    public String codec = "eden 1";

    private final float[] x = gaussian();
    private Codec chosen = Codec.none();
    private byte[] payload = {};

    static float[] gaussian() {
        DeterministicRandom random = new DeterministicRandom(1);
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /** Chooses the codec and encodes what is to be decoded. */
    @Setup
    public void choose() {
        chosen = switch (codec) {
            case "eden 1" -> Codec.eden(1);
            case "eden 2" -> Codec.eden(2);
            case "eden 3" -> Codec.eden(3);
            case "eden 4" -> Codec.eden(4);
            case "qsgd 7" -> Codec.qsgd(7);
            case "top-k" -> Codec.topK(0.01);
            case "random-k" -> Codec.randomK(0.05);
            case "sign" -> Codec.sign();
            case "fp16" -> Codec.fp16();
            default -> Codec.none();
        };
        payload = chosen.encode(x, 1);
    }

    /** One vector to bytes. */
    @Benchmark
    @OperationsPerInvocation(N)
    public byte[] encode() {
        return chosen.encode(x, 1);
    }

    /** Bytes to one vector. */
    @Benchmark
    @OperationsPerInvocation(N)
    public float[] decode() {
        return chosen.decode(payload, N, 1);
    }
}
