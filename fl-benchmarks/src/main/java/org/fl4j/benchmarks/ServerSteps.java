package org.fl4j.benchmarks;

import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.aggregation.optimizer.FedAdagrad;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.optimizer.FedAvgM;
import org.fl4j.aggregation.optimizer.FedYogi;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One step of a server optimizer, from the state of the step before, on 1,600,000 FLOAT parameters. */
public class ServerSteps extends MeanTime {

    private static final int PARAMETERS = 1_600_000;

    /** Which optimizer. */
    @Param({"plain", "FedAvgM", "FedAdagrad", "FedAdam", "FedYogi"})
    public String rule = "plain";

    private final ParameterLayout layout = BenchmarkUpdates.layout(PARAMETERS);
    private final ModelDelta aggregate = BenchmarkUpdates.delta(layout, 2);
    private ServerOptimizer optimizer = ServerOptimizer.plain();
    private Step last = new Step(ModelWeights.copyOf(layout, new float[PARAMETERS]), ComponentState.EMPTY);

    /** Chooses the optimizer and takes a first step, so that there is a state to go on from. */
    @Setup
    public void prepare() {
        optimizer = switch (rule) {
            case "FedAvgM" -> FedAvgM.withLearningRate(0.01);
            case "FedAdagrad" -> FedAdagrad.withLearningRate(0.01);
            case "FedAdam" -> FedAdam.withLearningRate(0.01);
            case "FedYogi" -> FedYogi.withLearningRate(0.01);
            default -> ServerOptimizer.plain();
        };
        last = optimizer.step(1, last.weights(), aggregate, last.state());
    }

    /** A step. */
    @Benchmark
    public Step step() {
        last = optimizer.step(2, last.weights(), aggregate, last.state());
        return last;
    }
}
