package org.fl4j.server.evaluation;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.internal.EvaluationTerms;
import org.fl4j.server.report.RoundResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A metric of an evaluation every few rounds, by their absolute number. */
record EvaluationMeasure(
        int every,
        Metric metric,
        Function<ServerState, Optional<Evaluation>> evaluate,
        Optional<FederatedEvaluation> overClients)
        implements Measure {

    private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

    @Override
    public String name() {
        return metric.name();
    }

    @Override
    public boolean higherIsBetter() {
        return metric.higherIsBetter();
    }

    @Override
    public void joins(EvaluationTerms server) {
        overClients.ifPresent(evaluation -> evaluation.joinsAsMeasure(server));
    }

    @Override
    public OptionalDouble of(RoundResult.Advanced result) {
        int round = result.state().round();
        if (round % every != 0) {
            return OptionalDouble.empty();
        }
        Optional<Evaluation> evaluation = evaluate.apply(result.state());
        if (evaluation.isEmpty()) {
            LOG.warn("round {} is not measured: no client evaluated the weights", round);
            return OptionalDouble.empty();
        }
        OptionalDouble value = metric.of(evaluation.get());
        if (value.isEmpty()) {
            throw new IllegalStateException("round " + round + ": an evaluation of "
                    + evaluation.get().examples() + " examples has no " + metric
                    + "; are the labels of another kind, or is the held-out set empty?");
        }
        return value;
    }

    @Override
    public String toString() {
        return metric + (overClients.isPresent() ? " over clients" : " on held-out data");
    }
}
