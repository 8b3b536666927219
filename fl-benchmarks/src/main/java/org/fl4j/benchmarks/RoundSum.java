package org.fl4j.benchmarks;

import java.util.Objects;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A whole round of 64 clients of 200,000 FLOAT parameters that only answer: checks, sum and step. */
public class RoundSum extends MeanTime {

    private static final int PARAMETERS = 200_000;
    private static final int CLIENTS = 64;

    /** How many threads of clients. */
    @Param({"1", "2"})
    public int threads = 1;

    private final ParameterLayout layout = BenchmarkUpdates.layout(PARAMETERS);
    private final ServerState start = ServerState.initial(ModelWeights.copyOf(layout, new float[PARAMETERS]), 1);
    private final ModelDelta[] deltas = new ModelDelta[CLIENTS];
    private @Nullable InProcessRunner runner;
    private @Nullable FederatedServer server;

    /** Makes the deltas and the server. */
    @Setup
    public void prepare() {
        for (int i = 0; i < CLIENTS; i++) {
            deltas[i] = BenchmarkUpdates.delta(layout, i);
        }
        runner = InProcessRunner.of(threads);
        server = FederatedServer.with(FedAvg.byExamples())
                .clients(ClientProvider.of(
                        ClientId.numbered("", CLIENTS), id -> new Ready(id, deltas[Integer.parseInt(id.value())])))
                .localTraining(LocalTraining.epochs(1))
                .runner(runner)
                .build();
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        Objects.requireNonNull(server).close();
        Objects.requireNonNull(runner).close();
    }

    /** A round. */
    @Benchmark
    public RoundResult round() {
        return Objects.requireNonNull(server).run(start, 1);
    }

    /** A client that has trained already. */
    private record Ready(ClientId id, ModelDelta delta) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) {
            return ClientUpdate.of(id, task, delta, 1);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return Evaluation.NONE;
        }
    }
}
