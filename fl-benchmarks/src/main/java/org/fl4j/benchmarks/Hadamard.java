package org.fl4j.benchmarks;

import org.fl4j.internal.WalshHadamard;
import org.openjdk.jmh.annotations.Benchmark;

/** One Walsh-Hadamard transform of 2^20 FP32 values on one core. */
public class Hadamard extends MeanTime {

    private final float[] x = Codecs.gaussian();

    /** In place: as it is orthonormal, values stay as large as they are. */
    @Benchmark
    public float[] transform() {
        WalshHadamard.transform(x);
        return x;
    }
}
