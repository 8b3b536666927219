package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BadInputTest {

    private static final Composition SOME =
            Composition.of(PrivacyEvent.unsampled(1).poisson(0.1), 10);
    private static final PrivacyTarget TARGET = PrivacyTarget.pure(1).withPrivacyDelta(1e-5);

    @Test
    void rejectsEventsOutOfRange() {
        rejects("noiseMultiplier must be >= 0 and < infinity, but was -1.0", () -> PrivacyEvent.unsampled(-1));
        rejects("noiseMultiplier must be >= 0 and < infinity, but was NaN", () -> PrivacyEvent.unsampled(Double.NaN));
        rejects(
                "noiseMultiplier must be >= 0 and < infinity, but was Infinity",
                () -> PrivacyEvent.joint(1, Double.POSITIVE_INFINITY));
        rejects("noise multipliers of joint must be at least 1, but was 0", PrivacyEvent::joint);
        rejects(
                "samplingProbability must be in [0, 1], but was 1.5",
                () -> PrivacyEvent.unsampled(1).poisson(1.5));
        rejects(
                "samplingProbability must be in [0, 1], but was NaN",
                () -> PrivacyEvent.unsampled(1).poisson(Double.NaN));
        rejects("logRatio must be >= 0 and < infinity, but was NaN", () -> new NearGaussian(1, Double.NaN));
        rejects("noiseMultiplier must be >= 0 and < infinity, but was -1.0", () -> new NearGaussian(-1, 0));
        rejects("samplingProbability must be in [0, 1], but was 2.0", () -> new NearGaussian(1, 0).poisson(2));
        rejects("variance must be >= 0 and < infinity, but was -1.0", () -> new VectorSkellam(-1, 1, 1));
        rejects("l1 must be >= 0 and < infinity, but was NaN", () -> new VectorSkellam(1, Double.NaN, 1));
        rejects(
                "l2 must be >= 0 and < infinity, but was Infinity",
                () -> new VectorSkellam(1, 1, Double.POSITIVE_INFINITY));
        rejects("times must be at least 0, but was -3", () -> SOME.plus(PrivacyEvent.unsampled(1), -3));
    }

    @Test
    void rejectsQueriesOutOfRange() {
        String delta = "privacyDelta must be in [0, 1), but was ";
        String epsilon = "epsilon must be >= 0 and < infinity, but was ";
        String order = "order must be > 1 and < infinity, but was ";
        RenyiAccountant renyi = RenyiAccountant.create();
        PrivacyLossAccountant loss = PrivacyLossAccountant.create();
        rejects(delta + "1.0", () -> renyi.epsilon(SOME, 1));
        rejects(delta + "NaN", () -> loss.epsilon(SOME, Double.NaN));
        rejects(delta + "-0.1", () -> AnalyticGaussian.ofSigma(1).epsilon(-0.1));
        rejects(delta + "1.0", () -> PrivacyTarget.pure(1).withPrivacyDelta(1));
        rejects(epsilon + "-1.0", () -> renyi.privacyDelta(SOME, -1));
        rejects(epsilon + "Infinity", () -> loss.privacyDelta(SOME, Double.POSITIVE_INFINITY));
        rejects(epsilon + "NaN", () -> AnalyticGaussian.ofSigma(1).privacyDelta(Double.NaN));
        rejects(epsilon + "-2.0", () -> PrivacyTarget.pure(-2));
        rejects(order + "1.0", () -> RenyiAccountant.rdp(SOME, 1));
        rejects(order + "NaN", () -> RenyiAccountant.withOrders(2, Double.NaN));
        rejects("orders must be at least 1, but was 0", RenyiAccountant::withOrders);
        rejects("sigma must be >= 0 and < infinity, but was -1.0", () -> AnalyticGaussian.ofSigma(-1));
        rejects("lower must be <= upper, but was lower 2.0, upper 1.0", () -> new PrivacyLossAccountant.Interval(2, 1));
    }

    @Test
    void rejectsCalibrationsOutOfRange() {
        rejects(
                "privacyDelta must be > 0 and < 1 for a Gaussian, but was 0.0; set it by withPrivacyDelta",
                () -> NoiseCalibration.reaching(PrivacyTarget.pure(1)));
        rejects(
                "privacyDelta must be > 0 and < 1 for a Gaussian, but was 0.0; set it by withPrivacyDelta",
                () -> AnalyticGaussian.reaching(PrivacyTarget.pure(1)));
        rejects(
                "samplingProbability must be in [0, 1], but was -0.1",
                () -> NoiseCalibration.reaching(TARGET).sampling(-0.1));
        rejects(
                "rounds must be at least 0, but was -1",
                () -> NoiseCalibration.reaching(TARGET).rounds(-1));
        rejects(
                "precision must be in [1e-9, 1], but was 0.0",
                () -> NoiseCalibration.reaching(TARGET).precision(0));
    }

    private static void rejects(String message, Executable bad) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, bad).getMessage());
    }
}
