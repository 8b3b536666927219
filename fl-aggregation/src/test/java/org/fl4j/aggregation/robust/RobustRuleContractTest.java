package org.fl4j.aggregation.robust;

import org.fl4j.aggregation.DirectAggregator;
import org.junit.jupiter.api.Nested;

/** The deltas of the contract have norms about sqrt(20,001) = 141 and distances about 200 from each other. */
class RobustRuleContractTest {

    @Nested
    class OfCoordinateMedian extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return CoordinateMedian.tolerating(3).storedIn(storage);
        }
    }

    @Nested
    class OfTrimmedMean extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return TrimmedMean.share(0.2).storedIn(storage);
        }
    }

    @Nested
    class OfKrum extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return Krum.tolerating(3).storedIn(storage);
        }
    }

    @Nested
    class OfMultiKrum extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return MultiKrum.tolerating(3).selecting(4).storedIn(storage);
        }
    }

    /** With f of 1 or 2 the last selections tie and the order of the cohort decides. */
    @Nested
    class OfBulyan extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return Bulyan.tolerating(3).storedIn(storage);
        }
    }

    @Nested
    class OfGeometricMedian extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return GeometricMedian.byExamples()
                    .withSmoothing(1e-6 * scale)
                    .withMaxIterations(5)
                    .withTolerance(0)
                    .storedIn(storage);
        }
    }

    @Nested
    class OfCenteredClipping extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return CenteredClipping.radius(142 * scale).withIterations(3).storedIn(storage);
        }

        @Override
        boolean followsTranslation() {
            return false;
        }
    }

    @Nested
    class OfNormBounding extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return NormBounding.of(142 * scale);
        }

        /** A clipped update is rounded, then the mean of all. */
        @Override
        double roundingToFloat() {
            return 2e-7;
        }

        @Override
        boolean followsTranslation() {
            return false;
        }

        @Override
        boolean holdsUpdates() {
            return false;
        }
    }

    @Nested
    class OfNearestNeighbourMixing extends RobustRuleContract {
        @Override
        DirectAggregator rule(double scale, UpdateStorage storage) {
            return NearestNeighbourMixing.before(CoordinateMedian.tolerating(3).storedIn(storage), 3)
                    .storedIn(storage);
        }
    }
}
