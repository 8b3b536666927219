package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NoiseCalibrationTest {

    private static final PrivacyTarget TARGET = PrivacyTarget.pure(2).withPrivacyDelta(1e-6);

    @Test
    void reachesTheTargetTightly() {
        NoiseCalibration calibration =
                NoiseCalibration.reaching(TARGET).sampling(0.01).rounds(1000);
        double z = calibration.noiseMultiplier();

        assertTrue(upper(z) <= 2);
        assertTrue(upper(z / 1.002) > 2);
    }

    /** Known: q = .01, z = 1, 1,000 rounds, delta 1e-6 has epsilon 2.12452. */
    @Test
    void findsTheNoiseOfAKnownEpsilon() {
        PrivacyTarget known = PrivacyTarget.pure(2.12452).withPrivacyDelta(1e-6);
        double z = NoiseCalibration.reaching(known).sampling(0.01).rounds(1000).noiseMultiplier();

        assertEquals(1, z, 2e-3);
    }

    @Test
    void needsMoreNoiseByRenyi() {
        NoiseCalibration byRenyi = NoiseCalibration.reaching(TARGET)
                .sampling(0.01)
                .rounds(1000)
                .byRenyi()
                .precision(1e-6);
        double z = byRenyi.noiseMultiplier();

        assertTrue(renyi(z) <= 2);
        assertTrue(renyi(z / (1 + 2e-6)) > 2);
        assertTrue(upper(z) < 2);
    }

    @Test
    void isTheAnalyticGaussianForOneRelease() {
        double sigma = AnalyticGaussian.reaching(TARGET).sigma();

        assertEquals(sigma, NoiseCalibration.reaching(TARGET).precision(1e-9).noiseMultiplier(), 1.1e-9 * sigma);
    }

    @Test
    void needsNoNoiseWhereNothingIsReleased() {
        assertEquals(0, NoiseCalibration.reaching(TARGET).rounds(0).noiseMultiplier());
        assertEquals(0, NoiseCalibration.reaching(TARGET).sampling(0).noiseMultiplier());
    }

    @Test
    void rejectsUnreachableTargets() {
        NoiseCalibration hopeless =
                NoiseCalibration.reaching(PrivacyTarget.pure(0).withPrivacyDelta(1e-300));

        assertEquals(
                "no noise multiplier up to 2^40 reaches epsilon 0.0 at privacyDelta 1.0E-300 with samplingProbability 1.0"
                        + " and 1 rounds; epsilon there is 3.292e-11",
                assertThrows(IllegalArgumentException.class, hopeless::noiseMultiplier)
                        .getMessage());
    }

    private static double upper(double z) {
        return PrivacyLossAccountant.create().epsilon(composition(z), 1e-6).upper();
    }

    private static double renyi(double z) {
        return RenyiAccountant.create().epsilon(composition(z), 1e-6).epsilon();
    }

    private static Composition composition(double z) {
        return Composition.of(PrivacyEvent.unsampled(z).poisson(0.01), 1000);
    }
}
