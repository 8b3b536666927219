package org.fl4j.monitoring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundResult;

/**
 * Joins what is told of a round in several calls: its start, its evaluations in any order, its end. The record is complete
 * when the next round starts or the run ends.
 */
final class RoundJoin {

    /** What an evaluation of the weights after a round adds to its record. */
    private record Addition(int round, Consumer<RoundFigures> figures) {}

    private final Outlets outlets;
    private final Function<ServerState, Map<String, Double>> ofHost;
    private final InstantSource clock;
    private final List<Addition> additions = new ArrayList<>();
    private Disclosure disclosure = Disclosure.RELEASES;
    private Instant runStart = Instant.EPOCH;
    private Instant roundStart = Instant.EPOCH;
    private Optional<RoundResult> ended = Optional.empty();
    private Instant end = Instant.EPOCH;

    RoundJoin(Outlets outlets, Function<ServerState, Map<String, Double>> ofHost, InstantSource clock) {
        this.outlets = outlets;
        this.ofHost = ofHost;
        this.clock = clock;
    }

    InstantSource clock() {
        return clock;
    }

    void runDiscloses(Disclosure what) {
        handOn();
        disclosure = what;
    }

    void runStarted(ServerState from, int rounds, Parameters parameters) {
        handOn();
        additions.clear();
        runStart = clock.instant();
        RunStart start = new RunStart(
                Parameters.nameOf(from, disclosure),
                from.round(),
                rounds,
                disclosure,
                runStart,
                parameters.of(from, disclosure));
        outlets.tell(sink -> sink.runStarted(start));
    }

    void roundStarted(int round) {
        handOn();
        roundStart = clock.instant();
    }

    void add(int round, Consumer<RoundFigures> figures) {
        additions.add(new Addition(round, figures));
    }

    void roundEnded(RoundResult result) {
        end = clock.instant();
        ended = Optional.of(result);
    }

    /** Gives the sinks the round that ended, if they do not have it. */
    void handOn() {
        ended.ifPresent(result -> {
            ended = Optional.empty();
            outlets.guarded("the record of a round", () -> {
                RoundRecord record = record(result);
                outlets.tell(sink -> sink.roundEnded(record));
            });
        });
    }

    private RoundRecord record(RoundResult result) {
        RoundFigures figures = new RoundFigures(disclosure);
        Instant at = disclosure == Disclosure.RELEASES ? runStart : end;
        if (result instanceof RoundResult.Advanced advanced) {
            complete(figures, result, Optional.of(advanced.report()));
            return record(result.state().round(), RoundRecord.Outcome.ADVANCED, "", at, figures);
        }
        if (result instanceof RoundResult.Abandoned abandoned) {
            complete(figures, result, Optional.of(abandoned.report()));
            String reason = figures.reason(abandoned.reason());
            return record(result.state().round(), RoundRecord.Outcome.ABANDONED, reason, at, figures);
        }
        complete(figures, result, Optional.empty());
        String reason = ((RoundResult.Refused) result).reason();
        return record(result.state().round() + 1, RoundRecord.Outcome.REFUSED, reason, at, figures);
    }

    private RoundRecord record(
            int round, RoundRecord.Outcome outcome, String reason, Instant at, RoundFigures figures) {
        Map<String, Double> all = figures.all();
        all.entrySet().removeIf(figure -> {
            boolean isLost = !Double.isFinite(figure.getValue());
            if (isLost) {
                outlets.leftOut("the figure " + figure.getKey() + " is not finite and not recorded");
            }
            return isLost;
        });
        return new RoundRecord(round, outcome, reason, at, all);
    }

    private void complete(RoundFigures figures, RoundResult result, Optional<RoundResult.Report> report) {
        report.ifPresent(figures::addReport);
        for (Addition addition : additions) {
            if (addition.round() == result.state().round()) {
                addition.figures().accept(figures);
            } else {
                outlets.leftOut("an evaluation came that is not of the round under way, and is not recorded");
            }
        }
        additions.clear();
        report.ifPresent(those -> figures.addTimes(
                seconds(those.duration()),
                seconds(Duration.between(roundStart, clock.instant()).minus(those.duration()))));
        outlets.guarded("the host's figures", () -> addHosts(figures, ofHost.apply(result.state())));
    }

    private static void addHosts(RoundFigures figures, Map<String, Double> more) {
        more.forEach((name, value) -> {
            if (!RoundRecord.isName(name) || figures.all().containsKey(name)) {
                throw new IllegalArgumentException(
                        "a figure's name must be words with dots between them, and none that a"
                                + " round has, but was '" + name + "'");
            }
        });
        more.forEach(figures::add);
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
