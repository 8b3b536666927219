package org.fl4j.aggregation.objective;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;

/** Clients on parabolas whose curvatures differ, so that federated averaging of many local steps misses the minimum. */
final class CurveFederation {

    static final double RATE = 0.1;
    static final LocalTraining TEN_STEPS = LocalTraining.steps(10).withLearningRate(RATE);

    /** The mean loss has its minimum at (1*4 + 2*-2 + 0.5*3) / 3.5 = 3/7 and (2*1 + 0.5*-3 + 1*2) / 3.5 = 5/7. */
    static final List<Curve> CURVES = List.of(
            new Curve(new double[] {1, 2}, new double[] {4, 1}, 10),
            new Curve(new double[] {2, 0.5}, new double[] {-2, -3}, 20),
            new Curve(new double[] {0.5, 1}, new double[] {3, 2}, 70));

    private static final List<ClientId> IDS = ClientId.numbered("", CURVES.size());

    static final double[] MINIMUM = {3.0 / 7, 5.0 / 7};

    private final ClientStateStore states = ClientStateStore.ofLatestRun();
    private ModelPool<CurveModel> models = ModelPool.of(CurveModel::plain);
    private LocalTraining how = TEN_STEPS;
    private ClientSelector selector = ClientSelector.all();

    CurveFederation models(ModelPool<CurveModel> pool) {
        models = pool;
        return this;
    }

    CurveFederation localTraining(LocalTraining training) {
        how = training;
        return this;
    }

    CurveFederation selector(ClientSelector choice) {
        selector = choice;
        return this;
    }

    RoundResult run(DirectAggregator rule, int rounds) {
        return run(rule, ServerState.initial(CurveModel.START, 7), rounds);
    }

    RoundResult run(DirectAggregator rule, ServerState from, int rounds) {
        return run(FederatedServer.with(rule), from, rounds);
    }

    RoundResult run(SecureAggregator rule, int rounds) {
        return run(FederatedServer.with(rule), ServerState.initial(CurveModel.START, 7), rounds);
    }

    private RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        return run(
                builder,
                ClientProvider.local(IDS, CurveFederation::curve, models).rememberingIn(states),
                from,
                rounds);
    }

    /** Clients that were given one by one. */
    RoundResult runOneByOne(DirectAggregator rule, int rounds) {
        ClientProvider clients = ClientProvider.of(IDS, id -> LocalClient.of(id, curve(id), models));
        return run(FederatedServer.with(rule), clients, ServerState.initial(CurveModel.START, 7), rounds);
    }

    private static Curve curve(ClientId client) {
        return CURVES.get(Integer.parseInt(client.value()));
    }

    private RoundResult run(ServerBuilder builder, ClientProvider clients, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = builder.clients(clients)
                        .selector(selector)
                        .localTraining(how)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }

    /** Where the run ends: w, then the statistic. */
    double[] end(DirectAggregator rule, int rounds) {
        return CurveModel.values(run(rule, rounds).state().weights());
    }

    static double distanceToMinimum(double[] end) {
        return Math.hypot(end[0] - MINIMUM[0], end[1] - MINIMUM[1]);
    }
}
