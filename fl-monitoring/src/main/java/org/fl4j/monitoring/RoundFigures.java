package org.fl4j.monitoring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;

/**
 * Takes the figures of a round apart and leaves out what its run does not disclose. All sinks get what this lets through:
 * privacy is decided here and nowhere else.
 */
final class RoundFigures {

    private static final String CLIENTS = "clients.";
    private static final List<String> KINDS =
            List.of("completed", "failed", "rejected", "timed_out", "not_started", "busy", "stale", "surplus");

    /** What a validation measured. */
    private static final String VALIDATION = "validation.";

    /** Those of an evaluation that it has. */
    private static final List<Metric> METRICS = List.of(
            Metric.ACCURACY,
            Metric.BALANCED_ACCURACY,
            Metric.MACRO_F1,
            Metric.ROC_AUC,
            Metric.PR_AUC,
            Metric.CALIBRATION_ERROR,
            Metric.PERPLEXITY,
            Metric.MSE,
            Metric.MAE,
            Metric.R2);

    private final Disclosure disclosure;
    private final Map<String, Double> figures = new LinkedHashMap<>();

    RoundFigures(Disclosure disclosure) {
        this.disclosure = disclosure;
    }

    Map<String, Double> all() {
        return figures;
    }

    void add(String name, double value) {
        figures.put(name, value);
    }

    void addReport(RoundResult.Report report) {
        report.loss().ifPresent(loss -> add("training.loss", loss));
        new TreeMap<>(report.metrics()).forEach((name, value) -> {
            if (!name.equals(ClientUpdate.LOSS)) {
                boolean isValidation = name.startsWith(VALIDATION);
                String word = asWord(isValidation ? name.substring(VALIDATION.length()) : name);
                add((isValidation ? VALIDATION : "rule.") + word, value);
            }
        });
        if (countsAreShown()) {
            addOutcomes(report.outcomes());
        }
        addTraffic(report.traffic());
        if (countsAreShown()) {
            add("round.attempts", report.attempts());
        }
    }

    void addTimes(double round, double other) {
        if (countsAreShown()) {
            add("time.round_seconds", round);
            add("time.other_seconds", Math.max(0, other));
        }
    }

    /** How many examples members hold is a figure of who took part. */
    void addEvaluation(String name, Evaluation evaluation) {
        add(name + ".loss", evaluation.loss());
        METRICS.forEach(metric ->
                metric.of(evaluation).ifPresent(value -> add(name + "." + asWord(metric.name()), value)));
        if (countsAreShown()) {
            add(name + ".examples", (double) evaluation.examples());
        }
    }

    /** Under a rule that hides clients there is one only if the host revealed it by name. */
    void addDistribution(String name, ClientDistribution clients) {
        String measure = name + "." + asWord(clients.metric().name());
        add(measure + ".mean", clients.mean());
        add(measure + ".p10", clients.tenthPercentile());
        add(measure + ".worst", clients.worst());
        if (countsAreShown()) {
            add(name + ".clients", clients.clients());
        }
    }

    /** A reason may name clients, or say how many were left. */
    String reason(String reason) {
        return disclosure == Disclosure.CLIENTS ? reason : "no aggregate was produced";
    }

    private boolean countsAreShown() {
        return disclosure != Disclosure.RELEASES;
    }

    private void addOutcomes(List<? extends ClientOutcome<?>> outcomes) {
        if (outcomes.isEmpty()) {
            return;
        }
        add(CLIENTS + "selected", outcomes.size());
        KINDS.forEach(kind -> add(CLIENTS + kind, 0));
        outcomes.forEach(outcome -> figures.merge(CLIENTS + kind(outcome), 1.0, Double::sum));
    }

    private static String kind(ClientOutcome<?> outcome) {
        if (outcome instanceof ClientOutcome.Completed) {
            return "completed";
        }
        if (outcome instanceof ClientOutcome.Failed) {
            return "failed";
        }
        if (outcome instanceof ClientOutcome.Rejected) {
            return "rejected";
        }
        if (outcome instanceof ClientOutcome.TimedOut) {
            return "timed_out";
        }
        if (outcome instanceof ClientOutcome.NotStarted) {
            return "not_started";
        }
        if (outcome instanceof ClientOutcome.Busy) {
            return "busy";
        }
        return outcome instanceof ClientOutcome.Stale ? "stale" : "surplus";
    }

    private void addTraffic(Traffic traffic) {
        if (traffic instanceof Traffic.Total total && countsAreShown()) {
            add("traffic.down_bytes", (double) total.sum().down());
            add("traffic.up_bytes", (double) total.sum().up());
        } else if (traffic instanceof Traffic.PerClient each) {
            Traffic.Bytes sum = new Traffic.Total(each.byStage()).sum();
            add("traffic.client_down_bytes", (double) sum.down());
            add("traffic.client_up_bytes", (double) sum.up());
        }
    }

    /** A metric may have any name. */
    private static String asWord(String metric) {
        String word = metric.replaceAll("[^A-Za-z0-9_-]+", "_");
        return word.isEmpty() ? "_" : word;
    }
}
