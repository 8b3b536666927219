package org.fl4j.privacy.accounting;

/** A query for a point of the privacy curve privacyDelta(epsilon): epsilon at a privacyDelta, or privacyDelta at an epsilon. */
sealed interface PrivacyCurveQuery {

    /**
     * Of {@link AnalyticGaussian}'s privacyDelta, relative. Epsilon is off by that times delta / P(L > epsilon), at most 1 and
     * about the mean excess of the loss, at most 2 / sigma.
     */
    double PRECISION = 1e-12;

    /** The privacyDelta of the query, exact or approximate; 0 only if the query is for 0. */
    double privacyDelta(Composition composition);

    /** The epsilon of the query, or one that is not below it. */
    double epsilon(Composition composition);

    /** The same by an upper end of the answer. */
    double epsilon(double upper);

    /** The tilt that puts the answer where the transform is accurate. */
    double tilt(CompositionLoss loss);

    /** At least the answer, by pessimistic losses. */
    double upper(TiltedConvolution pessimistic);

    /** At most the answer, by optimistic losses. */
    double lower(TiltedConvolution optimistic);

    /** The answer of the unsampled Gaussian. */
    PrivacyLossAccountant.Interval exactly(AnalyticGaussian gaussian);

    /** The answer where privacyDelta is 0. */
    PrivacyLossAccountant.Interval withoutDelta(Composition composition);

    /** How wide an answer may stay. */
    double width(PrivacyLossAccountant.Interval answer);

    /** Epsilon at a privacyDelta. */
    record EpsilonAt(double delta) implements PrivacyCurveQuery {

        private static final double RELATIVE = 8e-4;
        private static final double LEAST = 1e-7;

        @Override
        public double privacyDelta(Composition composition) {
            return delta;
        }

        @Override
        public double epsilon(Composition composition) {
            return RenyiAccountant.create().epsilon(composition, delta).epsilon();
        }

        @Override
        public double tilt(CompositionLoss loss) {
            return loss.tiltFor(delta);
        }

        @Override
        public double epsilon(double upper) {
            return upper;
        }

        @Override
        public double upper(TiltedConvolution pessimistic) {
            return pessimistic.epsilonAtMost(delta);
        }

        @Override
        public double lower(TiltedConvolution optimistic) {
            return optimistic.epsilonAtLeast(delta);
        }

        @Override
        public PrivacyLossAccountant.Interval exactly(AnalyticGaussian gaussian) {
            double epsilon = gaussian.epsilon(delta);
            double off = PRECISION * (epsilon + Math.min(1, 2 / gaussian.sigma()));
            return Double.isInfinite(epsilon)
                    ? new PrivacyLossAccountant.Interval(epsilon, epsilon)
                    : new PrivacyLossAccountant.Interval(Math.max(0, epsilon - off), epsilon == 0 ? 0 : epsilon + off);
        }

        @Override
        public PrivacyLossAccountant.Interval withoutDelta(Composition composition) {
            double pure = composition.sum(PrivacyEvent::pureEpsilon);
            return new PrivacyLossAccountant.Interval(pure * (1 - PRECISION), pure * (1 + PRECISION));
        }

        @Override
        public double width(PrivacyLossAccountant.Interval answer) {
            return Math.max(LEAST, RELATIVE * answer.lower());
        }
    }

    /** PrivacyDelta at an epsilon. */
    record DeltaAt(double epsilon) implements PrivacyCurveQuery {

        private static final double RELATIVE = 1e-2;

        @Override
        public double epsilon(Composition composition) {
            return epsilon;
        }

        @Override
        public double privacyDelta(Composition composition) {
            return RenyiAccountant.create().privacyDelta(composition, epsilon);
        }

        @Override
        public double tilt(CompositionLoss loss) {
            return loss.tiltAt(epsilon);
        }

        @Override
        public double epsilon(double upper) {
            return epsilon;
        }

        @Override
        public double upper(TiltedConvolution pessimistic) {
            return pessimistic.deltaAtMost(epsilon);
        }

        @Override
        public double lower(TiltedConvolution optimistic) {
            return optimistic.deltaAtLeast(epsilon);
        }

        @Override
        public PrivacyLossAccountant.Interval exactly(AnalyticGaussian gaussian) {
            double delta = gaussian.privacyDelta(epsilon);
            return new PrivacyLossAccountant.Interval(
                    delta * (1 - PRECISION), Math.min(1, Math.max(Double.MIN_VALUE, delta * (1 + PRECISION))));
        }

        @Override
        public PrivacyLossAccountant.Interval withoutDelta(Composition composition) {
            return new PrivacyLossAccountant.Interval(0, 0);
        }

        @Override
        public double width(PrivacyLossAccountant.Interval answer) {
            return RELATIVE * answer.lower();
        }
    }
}
