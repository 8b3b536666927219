package org.fl4j.monitoring;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log line a round: {@code round 12 of 100 advanced: training.loss 0.312, central.accuracy 0.912}. Rounds that advance are
 * logged at INFO, others at WARN.
 *
 * <p>Privacy: a logging library stamps its lines with the time, and differences of these times are what rounds took.
 */
public final class Slf4jSink implements RunSink {

    private final Logger log;
    private int last;

    private Slf4jSink(Logger log) {
        this.log = log;
    }

    /** Logs under the name of this class. */
    public static Slf4jSink create() {
        return to(LoggerFactory.getLogger(Slf4jSink.class));
    }

    /**
     * Logs to a logger of the host's.
     *
     * @param log any
     */
    public static Slf4jSink to(Logger log) {
        return new Slf4jSink(log);
    }

    @Override
    public void runStarted(RunStart run) {
        last = run.last();
        log.info("run {} from round {} to {}", run.run(), run.from(), run.last());
    }

    @Override
    public void roundEnded(RoundRecord round) {
        boolean isWell = round.outcome() == RoundRecord.Outcome.ADVANCED;
        if (!(isWell ? log.isInfoEnabled() : log.isWarnEnabled())) {
            return;
        }
        StringBuilder line = new StringBuilder();
        round.figures()
                .forEach((name, value) -> line.append(line.isEmpty() ? ": " : ", ")
                        .append(name)
                        .append(' ')
                        .append(Numbers.brief(value)));
        String outcome = round.outcome().name().toLowerCase(Locale.ROOT);
        if (isWell) {
            log.info("round {} of {} {}{}", round.round(), last, outcome, line);
        } else {
            log.warn("round {} of {} {}, {}{}", round.round(), last, outcome, Lines.oneLine(round.reason()), line);
        }
    }

    @Override
    public String toString() {
        return "Slf4jSink[" + log.getName() + "]";
    }
}
