package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrivacyEventTest {

    /** 1/z^2 = 1/9 + 1/16 = 25/144, z = 12/5. */
    @Test
    void joinsSegmentsByTheirPrecisions() {
        assertEquals(new SampledGaussian(2.4, 1), PrivacyEvent.joint(3, 4));
        assertEquals(PrivacyEvent.unsampled(3), PrivacyEvent.joint(3));
        assertEquals(1e-200 / Math.sqrt(2), PrivacyEvent.joint(1e-200, 1e-200).noiseMultiplier(), 1e-214);
        assertEquals(1e200 / Math.sqrt(2), PrivacyEvent.joint(1e200, 1e200).noiseMultiplier(), 1e186);
        assertEquals(PrivacyEvent.unsampled(0), PrivacyEvent.joint(0, 5));
    }

    @Test
    void keepsItsSamplingProbability() {
        assertEquals(new SampledGaussian(1.5, 0.25), PrivacyEvent.unsampled(1.5).poisson(0.25));
        assertEquals(new SampledGaussian(0.0, 0.0), new SampledGaussian(-0.0, -0.0));
    }

    @Test
    void ordersByKindAndThenByFigures() {
        List<PrivacyEvent> inOrder = List.of(
                new NearGaussian(1, 0.5),
                new NearGaussian(2, 0.25),
                PrivacyEvent.unsampled(1).poisson(0.5),
                PrivacyEvent.unsampled(1),
                PrivacyEvent.unsampled(2).poisson(0.25),
                new VectorSkellam(1, 2, 3),
                new VectorSkellam(1, 3, 2));
        List<PrivacyEvent> shuffled = new ArrayList<>(inOrder);
        Collections.reverse(shuffled);
        Collections.sort(shuffled);

        assertEquals(inOrder, shuffled);
    }

    /** Where nothing is known of amplification, the event costs what it costs without a sample. */
    @Test
    void claimsNoAmplificationThatIsNotKnown() {
        NearGaussian near = new NearGaussian(1, 0.5);
        VectorSkellam skellam = new VectorSkellam(4, 2, 1);

        assertEquals(near, near.poisson(0.1).withoutSampling());
        assertEquals(skellam, skellam.poisson(0.1).withoutSampling());
        assertEquals(
                PrivacyEvent.unsampled(2),
                PrivacyEvent.unsampled(2).poisson(0.1).withoutSampling());
    }

    @Test
    void describesItself() {
        assertEquals(
                "noise multiplier 2.0, probabilities within a factor of e^0.25 of the Gaussian's, no amplification claimed: counted"
                        + " as if every client took part",
                new NearGaussian(2, 0.25).text());
        assertEquals(
                "Skellam noise of variance 4.0 in each coordinate, contributions of at most 2.0 steps in the L1 norm and 1.5 in the"
                        + " L2 norm, no amplification claimed: counted as if every client took part",
                new VectorSkellam(4, 2, 1.5).text());
        assertEquals(
                "[variance, l1, l2]",
                new VectorSkellam(4, 2, 1.5).figures().keySet().toString());
        assertEquals(
                "[4.0, 2.0, 1.5]",
                new VectorSkellam(4, 2, 1.5).figures().values().toString());
    }
}
