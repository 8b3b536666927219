package org.fl4j.privacy.dp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;

/** Runs of a matrix mechanism over clients that always send the same delta. */
final class MatrixRuns {

    static final MatrixPlan PLAN = MatrixPlan.over(8).separatedBy(3);
    static final int CLIENTS = 12;

    static final ModelDelta MOVE = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);

    private MatrixRuns() {}

    static MatrixMechanism seeded(Supplier<byte[]> seeds) {
        return MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).drawingSeedsFrom(seeds);
    }

    static Supplier<byte[]> numbered() {
        return numbered(1);
    }

    static Supplier<byte[]> numbered(int from) {
        int[] next = {from};
        return () -> ByteBuffer.allocate(AesCtrBits.KEY_BYTES).putInt(next[0]++).array();
    }

    static ServerState start() {
        return ServerState.initial(Releases.start(2), 1);
    }

    static RoundResult run(LinearAggregator rule, ServerState from, int rounds) {
        return run(rule, from, rounds, CLIENTS);
    }

    static RoundResult run(LinearAggregator rule, ServerState from, int rounds, int clients) {
        return run(rule, ClientSelector.separated(3), from, rounds, clients);
    }

    static RoundResult run(LinearAggregator rule, ClientSelector selector, ServerState from, int rounds, int clients) {
        return run(rule, selector, from, rounds, clients, new ArrayList<>());
    }

    /** @param states gets the state that the run starts from, then that after each round */
    static RoundResult run(
            LinearAggregator rule,
            ClientSelector selector,
            ServerState from,
            int rounds,
            int clients,
            List<ServerState> states) {
        RoundListener remembers = new RoundListener() {
            @Override
            public void runStarted(NativeThreads.Provenance provenance, ServerState begun, int asked) {
                states.add(begun);
            }

            @Override
            public void roundEnded(RoundResult result) {
                states.add(result.state());
            }
        };
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(Releases.clients(clients, MOVE))
                        .selector(selector)
                        .localTraining(LocalTraining.epochs(1))
                        .listeners(remembers)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }
}
