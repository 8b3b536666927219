package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.models.DenseModel;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.evaluation.Measure;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.junit.jupiter.api.Test;

/** What sinks get of a run, and when. */
class MonitoringTest {

    private static final Evaluation EVALUATION = new Evaluation(8, 0.75, List.of(new Evaluation.ClassCounts(8, 6, 8)));

    private final RecordingSink sink = new RecordingSink();
    private final Monitoring monitoring = Monitoring.to(sink);

    @Test
    void everyRoundIsHandedOnOnceAndInOrderAndTheLastOneToo() {
        Federation.run(Federation.START, 3, monitoring);

        assertEquals(
                List.of(1, 2, 3), sink.rounds.stream().map(RoundRecord::round).toList());
        assertEquals(1, sink.ends);
        monitoring.close();
        assertEquals(3, sink.rounds.size());
        assertEquals(1, sink.closes);
        assertEquals(0, monitoring.failures());
    }

    @Test
    void anOpenRoundHasCountsByKindLossBytesAndTimes() {
        Federation.run(Federation.START, 1, monitoring);

        RoundRecord round = sink.rounds.get(0);
        assertEquals(RoundRecord.Outcome.ADVANCED, round.outcome());
        assertEquals(OptionalDouble.of(0.5), round.figure("training.loss"));
        assertEquals(OptionalDouble.of(23), round.figure("clients.selected"));
        assertEquals(OptionalDouble.of(18), round.figure("clients.completed"));
        assertEquals(OptionalDouble.of(5), round.figure("clients.failed"));
        assertEquals(OptionalDouble.of(0), round.figure("clients.timed_out"));
        assertEquals(OptionalDouble.of(1), round.figure("round.attempts"));
        assertTrue(round.figure("traffic.down_bytes").orElseThrow() > 0);
        assertTrue(round.figure("time.round_seconds").orElseThrow() > 0);
        RunStart start = sink.starts.get(0);
        assertEquals(Disclosure.CLIENTS, start.disclosure());
        assertEquals(Long.toString(Federation.SEED), start.parameters().get("seed"));
        assertEquals(17, start.run().length());
    }

    /** The registration decides which comes first, and a sink does not notice. */
    @Test
    void evaluationsAreJoinedWhetherTheyComeBeforeTheRoundsEndOrAfter() {
        RoundListener evaluating = new Evaluating(monitoring.evaluations("central"));
        for (List<RoundListener> order : List.of(List.of(evaluating, monitoring), List.of(monitoring, evaluating))) {
            sink.rounds.clear();
            Federation.run(
                    FederatedServer.with(FedAvg.byExamples()),
                    Federation.START,
                    2,
                    builder -> builder.listeners(order.toArray(RoundListener[]::new)));
            for (RoundRecord round : sink.rounds) {
                assertEquals(OptionalDouble.of(0.75), round.figure("central.accuracy"));
                assertEquals(OptionalDouble.of(0.75), round.figure("central.loss"));
                assertEquals(OptionalDouble.of(8), round.figure("central.examples"));
            }
            assertEquals(2, sink.rounds.size());
        }
        assertEquals(0, monitoring.failures());
    }

    @Test
    void aDistributionAndFiguresOfTheHostAreInTheRecord() {
        Monitoring more = monitoring
                .withFigures(state -> Map.of("privacy.epsilon", 0.5 * state.round()))
                .withParameters(Map.of("learning rate", "0.1"));
        ClientDistribution.Listener clients = more.distributions("federated");
        Federation.run(
                FederatedServer.with(FedAvg.byExamples()),
                Federation.START,
                1,
                builder -> builder.listeners(more, new RoundListener() {
                    @Override
                    public void roundEnded(RoundResult result) {
                        clients.evaluated(1, new ClientDistribution(Metric.ACCURACY, 9, 0.8, 0.6, 0.5));
                    }
                }));
        RoundRecord round = sink.rounds.get(0);
        assertEquals(OptionalDouble.of(0.5), round.figure("privacy.epsilon"));
        assertEquals(OptionalDouble.of(0.8), round.figure("federated.accuracy.mean"));
        assertEquals(OptionalDouble.of(0.6), round.figure("federated.accuracy.p10"));
        assertEquals(OptionalDouble.of(0.5), round.figure("federated.accuracy.worst"));
        assertEquals(OptionalDouble.of(9), round.figure("federated.clients"));
        assertEquals("0.1", sink.starts.get(0).parameters().get("learning rate"));
    }

    /** What a validation measured is no metric of the rule, and an evaluation has the metrics that were collected for. */
    @Test
    void validationsAndMetricsHaveTheirNames() {
        Metric half = Metric.of(
                "half loss",
                Metric.Direction.LOWER_IS_BETTER,
                StatisticsSpec.NONE,
                evaluation -> OptionalDouble.of(evaluation.loss() / 2));
        Measure measure = new Measure() {
            @Override
            public String name() {
                return half.name();
            }

            @Override
            public boolean higherIsBetter() {
                return half.higherIsBetter();
            }

            @Override
            public OptionalDouble of(RoundResult.Advanced result) {
                return OptionalDouble.of(0.25);
            }
        };
        Federation.run(
                FederatedServer.with(FedAvg.byExamples()),
                Federation.START,
                1,
                builder -> builder.validation(Validation.by(measure))
                        .listeners(new Evaluating(monitoring.evaluations("central")), monitoring));
        RoundRecord round = sink.rounds.get(0);
        assertEquals(OptionalDouble.of(0.25), round.figure("validation.half_loss"));
        assertTrue(round.figure("central.balanced-accuracy").isPresent(), round::toString);
        assertTrue(round.figure("central.mse").isEmpty(), "there are classes, no targets");
    }

    @Test
    void aRefusedRoundHasItsReasonAndTheEvaluationOfTheWeightsThatStay() {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 1).within(new PrivacyTarget(1e-9, 1e-5));
        RoundResult end = Federation.run(
                FederatedServer.with(rule),
                Federation.START,
                2,
                builder -> builder.listeners(monitoring, new Evaluating(monitoring.evaluations("central"))));

        RoundRecord round = sink.rounds.get(0);
        assertEquals(RoundRecord.Outcome.REFUSED, round.outcome());
        assertEquals(1, round.round());
        assertEquals(((RoundResult.Refused) end).reason(), round.reason());
        assertEquals(OptionalDouble.of(0.75), round.figure("central.accuracy"));
    }

    /** As docs/monitoring.md wires it. */
    @Test
    void epsilonIsThatOfTheRulesStatement() {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 1);
        Monitoring accounted = monitoring.withFigures(state -> Map.of(
                "privacy.epsilon",
                rule.statement(state.ledger(), 1e-5).againstMembers().epsilon().upper()));
        RoundResult end = Federation.run(
                FederatedServer.with(rule), Federation.START, 3, builder -> builder.listeners(accounted));

        double spent = rule.statement(end.state().ledger(), 1e-5)
                .againstMembers()
                .epsilon()
                .upper();
        assertEquals(OptionalDouble.of(spent), sink.rounds.get(2).figure("privacy.epsilon"));
        assertTrue(sink.rounds.get(0).figure("privacy.epsilon").orElseThrow() < spent);
        assertEquals(Disclosure.RELEASES, sink.starts.get(0).disclosure());
        assertEquals(8, sink.starts.get(0).run().length(), "without the half that is a hash of the seed");
    }

    @Test
    void aSimulationsEvaluationsAreJoined() {
        StrokeDigits digits = StrokeDigits.of(1);
        Simulation.Result result = Simulation.with(FedAvg.byExamples())
                .over(
                        Population.generated(3, client -> digits.writer(client, 10)),
                        () -> DenseModel.softmaxRegression(StrokeDigits.SIDE * StrokeDigits.SIDE, StrokeDigits.CLASSES))
                .evaluateOn(digits.heldOut(20), monitoring.evaluations("central"))
                .configure(builder -> builder.listeners(monitoring))
                .run(2);
        for (RoundRecord round : sink.rounds) {
            assertEquals(result.evaluations().get(round.round()).accuracy(), round.figure("central.accuracy"));
        }
        assertEquals(2, sink.rounds.size());
    }

    @Test
    void aSinkThatThrowsEndsNeitherTheRunNorTheOthersAndIsCounted() {
        RunSink broken = new RunSink() {
            @Override
            public void roundEnded(RoundRecord round) {
                throw new IllegalStateException("disk full");
            }
        };
        Monitoring both = Monitoring.to(broken, sink);
        RoundResult end = Federation.run(Federation.START, 3, both);

        assertEquals(3, end.state().round());
        assertEquals(3, sink.rounds.size());
        assertEquals(3, both.failures());
    }

    @Test
    void figuresThatAreNotFiniteOrWhoseFunctionThrowsAreLeftOutAndCounted() {
        Federation.run(Federation.START, 1, monitoring.withFigures(state -> Map.of("privacy.epsilon", Double.NaN)));
        assertFalse(sink.rounds.get(0).figures().containsKey("privacy.epsilon"));
        assertEquals(1, monitoring.failures());

        Federation.run(Federation.START, 1, monitoring.withFigures(state -> {
            throw new IllegalStateException("no epsilon");
        }));
        assertTrue(sink.rounds.get(1).figures().containsKey("training.loss"));
        assertEquals(2, monitoring.failures());

        Federation.run(Federation.START, 1, monitoring.withFigures(state -> Map.of("training.loss", 0.0)));
        assertEquals(OptionalDouble.of(0.5), sink.rounds.get(2).figure("training.loss"));
        assertEquals(3, monitoring.failures());
    }

    @Test
    void anEvaluationOfAnotherRoundIsNotTakenForThisOnes() {
        Evaluation.Listener central = monitoring.evaluations("central");
        Federation.run(
                FederatedServer.with(FedAvg.byExamples()),
                Federation.START,
                1,
                builder -> builder.listeners(monitoring, new RoundListener() {
                    @Override
                    public void roundEnded(RoundResult result) {
                        central.evaluated(7, EVALUATION);
                    }
                }));
        assertFalse(sink.rounds.get(0).figures().containsKey("central.loss"));
        assertEquals(1, monitoring.failures());
    }

    @Test
    void namesThatMeanSomethingElseAreRejected() {
        assertEquals(
                "an evaluation's name must be one word of letters, digits, underscores and hyphens, and none of [clients,"
                        + " outcome, reason, round, rule, run, time, traffic, training], but was 'clients'",
                assertThrows(IllegalArgumentException.class, () -> monitoring.evaluations("clients"))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> monitoring.distributions("a.b"));
        assertThrows(IllegalArgumentException.class, () -> monitoring.evaluations(""));
        assertThrows(IllegalArgumentException.class, () -> monitoring.evaluations("a b"));
    }

    /** A host that calls the listener by itself is not known to have an open rule. */
    @Test
    void withoutAServersWordOnlyReleasesAreRecorded() {
        RecordingSink open = new RecordingSink();
        Federation.run(Federation.START, 1, Monitoring.to(open));
        RoundResult[] result = new RoundResult[1];
        Federation.run(
                FederatedServer.with(FedAvg.byExamples()),
                Federation.START,
                1,
                builder -> builder.listeners(new RoundListener() {
                    @Override
                    public void roundEnded(RoundResult ended) {
                        result[0] = ended;
                    }
                }));
        monitoring.roundStarted(1);
        monitoring.roundEnded(result[0]);
        monitoring.runEnded();
        assertEquals(Map.of("training.loss", 0.5), sink.rounds.get(0).figures());
    }

    @Test
    void anInterruptIsKeptAndBreaksNoSink() {
        boolean[] seen = {true};
        RunSink watching = new RunSink() {
            @Override
            public void roundEnded(RoundRecord round) {
                seen[0] = Thread.currentThread().isInterrupted();
            }
        };
        Outlets outlets = new Outlets(List.of(watching));
        Thread.currentThread().interrupt();
        outlets.tell(
                each -> each.roundEnded(new RoundRecord(1, RoundRecord.Outcome.ADVANCED, "", Instant.EPOCH, Map.of())));
        assertTrue(Thread.interrupted());
        assertFalse(seen[0]);
    }

    /** Evaluates after each round, as CentralEvaluation does. */
    private record Evaluating(Evaluation.Listener listener) implements RoundListener {
        @Override
        public void roundEnded(RoundResult result) {
            listener.evaluated(result.state().round(), EVALUATION);
        }
    }
}
