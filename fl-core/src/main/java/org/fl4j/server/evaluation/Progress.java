package org.fl4j.server.evaluation;

import java.util.Optional;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelWeights;

/**
 * What a validation has counted: a component of the server's state.
 *
 * @param bestRound the round of the best value so far, 0 before there is one
 * @param bestValue that value
 * @param since how many rounds were measured since, without an improvement
 * @param reducedSince how many of them since the rates were reduced last
 * @param clientFactor by which the rate of local training is multiplied
 * @param serverFactor by which the server's step is multiplied
 * @param ended why the run is to end; empty text if it is not
 * @param best the best weights, if they are kept
 */
record Progress(
        int bestRound,
        double bestValue,
        int since,
        int reducedSince,
        double clientFactor,
        double serverFactor,
        String ended,
        Optional<BestModel> best) {

    static final Progress NONE = new Progress(0, 0, 0, 0, 1, 1, "", Optional.empty());

    private static final String KIND = "validation";
    private static final int VERSION = 1;
    private static final String WEIGHTS = "weights";
    private static final String CLIENT_FACTOR = "client-factor";
    private static final String SERVER_FACTOR = "server-factor";
    private static final String ENDED = "ended";

    // What each round asks for, without a copy of the best weights.

    static double clientFactor(ServerState state) {
        return factor(state, CLIENT_FACTOR);
    }

    static double serverFactor(ServerState state) {
        return factor(state, SERVER_FACTOR);
    }

    private static double factor(ServerState state, String which) {
        ComponentState kept = state.progress().state(KIND);
        return kept.isEmpty() ? 1 : kept.doubleValue(which);
    }

    static String ended(ServerState state) {
        ComponentState kept = state.progress().state(KIND);
        return kept.isEmpty() ? "" : kept.text(ENDED);
    }

    static Progress of(ServerState state) {
        ComponentState kept = state.progress().state(KIND);
        if (kept.isEmpty()) {
            return NONE;
        }
        kept.expect(KIND, VERSION);
        int bestRound = Math.toIntExact(kept.longValue("best-round"));
        double bestValue = kept.doubleValue("best-value");
        return new Progress(
                bestRound,
                bestValue,
                Math.toIntExact(kept.longValue("since")),
                Math.toIntExact(kept.longValue("reduced-since")),
                kept.doubleValue(CLIENT_FACTOR),
                kept.doubleValue(SERVER_FACTOR),
                kept.text(ENDED),
                kept.has(WEIGHTS)
                        ? Optional.of(new BestModel(
                                bestRound,
                                bestValue,
                                ModelWeights.from(kept, WEIGHTS, state.weights().layout())))
                        : Optional.empty());
    }

    ServerState in(ServerState state) {
        ComponentState kept = ComponentState.of(KIND, VERSION)
                .with("best-round", (long) bestRound)
                .with("best-value", bestValue)
                .with("since", (long) since)
                .with("reduced-since", (long) reducedSince)
                .with(CLIENT_FACTOR, clientFactor)
                .with(SERVER_FACTOR, serverFactor)
                .with(ENDED, ended);
        return state.withProgress(
                KIND, best.map(model -> model.weights().putInto(kept, WEIGHTS)).orElse(kept));
    }

    Progress endedBy(String reason) {
        return new Progress(bestRound, bestValue, since, reducedSince, clientFactor, serverFactor, reason, best);
    }

    Progress reducing(double client, double server) {
        return new Progress(bestRound, bestValue, since, 0, clientFactor * client, serverFactor * server, ended, best);
    }
}
