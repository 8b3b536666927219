package org.fl4j.simulation;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs how a simulation goes, a line a round, and keeps its evaluations. */
final class SimulationProgress implements RoundListener, Evaluation.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Simulation.class);

    final NavigableMap<Integer, Evaluation> evaluations = new TreeMap<>();
    private int last;

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
        last = from.round() + rounds;
    }

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        evaluations.put(round, evaluation);
    }

    @Override
    public void roundEnded(RoundResult result) {
        int round = result.state().round();
        if (result instanceof RoundResult.Advanced advanced) {
            StringBuilder line = new StringBuilder();
            advanced.report()
                    .loss()
                    .ifPresent(loss -> line.append(", training loss ").append(loss));
            Evaluation evaluation = evaluations.get(round);
            if (evaluation != null) {
                line.append(", held-out loss ").append(evaluation.loss());
                evaluation
                        .accuracy()
                        .ifPresent(accuracy -> line.append(", accuracy ").append(accuracy));
            }
            LOG.info("round {} of {}{}", round, last, line);
        } else if (result instanceof RoundResult.Abandoned abandoned) {
            LOG.warn("round {} of {} abandoned: {}", round, last, abandoned.reason());
        } else if (result instanceof RoundResult.Refused refused) {
            LOG.warn("the simulation ends after round {} of {}: {}", round, last, refused.reason());
        }
    }
}
