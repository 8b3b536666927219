package org.fl4j.examples;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.fl4j.model.Evaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;

/** Test accuracies over virtual time, until a target is reached. To be told of a round before it is evaluated. */
final class TimedAccuracy implements RoundListener, Evaluation.Listener {

    private static final double SECONDS = 60;

    private final double target;
    private final List<Double> minutes = new ArrayList<>();
    private final List<Double> accuracies = new ArrayList<>();
    private Duration now = Duration.ZERO;
    private long updates;

    TimedAccuracy(double target) {
        this.target = target;
    }

    @Override
    public void roundEnded(RoundResult result) {
        now = result.state().time();
        if (result instanceof RoundResult.Advanced advanced) {
            updates += advanced.report().completed().size();
        }
    }

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        minutes.add(now.toMillis() / 1e3 / SECONDS);
        accuracies.add(evaluation.accuracy().orElse(0));
    }

    @Override
    public boolean endsRunAfter(RoundResult result) {
        return isReached();
    }

    boolean isReached() {
        return best() >= target;
    }

    private double best() {
        return accuracies.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    /** When the run ended. */
    double minutes() {
        return minutes.isEmpty() ? 0 : minutes.get(minutes.size() - 1);
    }

    long updates() {
        return updates;
    }

    boolean isBetterThan(TimedAccuracy other) {
        if (isReached() && other.isReached()) {
            return minutes() < other.minutes();
        }
        return isReached() || (!other.isReached() && best() > other.best());
    }

    List<Double> times() {
        return minutes;
    }

    List<Double> accuracies() {
        return accuracies;
    }

    @Override
    public String toString() {
        return isReached()
                ? String.format(Locale.ROOT, "%.0f", minutes())
                : String.format(Locale.ROOT, "not in %.0f (%.3f)", minutes(), best());
    }
}
