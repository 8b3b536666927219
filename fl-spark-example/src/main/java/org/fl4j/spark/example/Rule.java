package org.fl4j.spark.example;

import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.robust.CoordinateMedian;

/** The choices of {@code --rule}. Blocks of clients are summed on executors under all but MEDIAN, which needs every update. */
enum Rule {
    FEDAVG,
    /** Its clients remember a variate each, which travels with their tasks. */
    SCAFFOLD,
    FEDADAM,
    MEDIAN;

    private static final double ADAM_RATE = 0.01;

    /** Called on the driver and on executors, so it makes the same rule everywhere. */
    DirectAggregator aggregator() {
        return switch (this) {
            case FEDAVG, FEDADAM -> FedAvg.byExamples();
            case SCAFFOLD -> Scaffold.uniform();
            case MEDIAN -> CoordinateMedian.of();
        };
    }

    /** The driver's alone. */
    ServerOptimizer optimizer() {
        return this == FEDADAM ? FedAdam.withLearningRate(ADAM_RATE) : ServerOptimizer.plain();
    }
}
