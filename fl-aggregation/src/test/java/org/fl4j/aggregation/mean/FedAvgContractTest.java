package org.fl4j.aggregation.mean;

import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.nd4j.linalg.api.buffer.DataType;

class FedAvgContractTest {

    @Nested
    class ByExamples extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedAvg.byExamples();
        }
    }

    @Nested
    class Uniform extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedAvg.uniform();
        }
    }

    @Nested
    class ByCappedExamples extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedAvg.byCappedExamples(100);
        }
    }

    @Nested
    class WeightedUpTo extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedAvg.weightedUpTo(1, update -> 1.0 / update.numExamples());
        }
    }

    /** Rounded once at the end, to 24 bits: standard normal coordinates stay within 3e-7. */
    @Nested
    class ByExamplesInFloat extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return FedAvg.byExamples();
        }

        @Override
        protected ParameterLayout layout() {
            return Fixtures.layout(DataType.FLOAT, ParameterSpec.trainable("w", 5), ParameterSpec.statistic("mean", 2));
        }

        @Override
        protected double rounding() {
            return 3e-7;
        }
    }
}
