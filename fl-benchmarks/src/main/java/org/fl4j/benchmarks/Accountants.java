package org.fl4j.benchmarks;

import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** How long a certified epsilon takes where every release is another event: z from 0.8 to 2.3, q = 0.01, privacyDelta 1e-6. */
public class Accountants extends MeanTime {

    /** Distinct events, each released once. */
    @Param({"1", "100", "1000"})
    private int distinct;

    private Composition composition = Composition.empty();

    /** Composes the events. */
    @Setup
    public void compose() {
        composition = Composition.empty();
        for (int i = 0; i < distinct; i++) {
            composition = composition.plus(
                    PrivacyEvent.unsampled(0.8 + 1.5 * i / distinct).poisson(0.01));
        }
    }

    /**
     * One answer.
     *
     * @return the interval
     */
    @Benchmark
    public PrivacyLossAccountant.Interval epsilon() {
        return PrivacyLossAccountant.create().epsilon(composition, 1e-6);
    }
}
