package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrivacyEventTest {

    /** 1/z^2 = 1/9 + 1/16 = 25/144, z = 12/5. */
    @Test
    void joinsSegmentsByTheirPrecisions() {
        assertEquals(new PrivacyEvent(2.4, 1), PrivacyEvent.joint(3, 4));
        assertEquals(PrivacyEvent.unsampled(3), PrivacyEvent.joint(3));
        assertEquals(1e-200 / Math.sqrt(2), PrivacyEvent.joint(1e-200, 1e-200).noiseMultiplier(), 1e-214);
        assertEquals(1e200 / Math.sqrt(2), PrivacyEvent.joint(1e200, 1e200).noiseMultiplier(), 1e186);
        assertEquals(PrivacyEvent.unsampled(0), PrivacyEvent.joint(0, 5));
    }

    @Test
    void keepsItsSamplingProbability() {
        assertEquals(new PrivacyEvent(1.5, 0.25), PrivacyEvent.unsampled(1.5).poisson(0.25));
        assertEquals(new PrivacyEvent(0.0, 0.0), new PrivacyEvent(-0.0, -0.0));
    }
}
