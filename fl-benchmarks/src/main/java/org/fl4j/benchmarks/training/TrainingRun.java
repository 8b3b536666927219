package org.fl4j.benchmarks.training;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAdder;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.jspecify.annotations.Nullable;

/** A run of a workload by federated averaging, and what it took. One run. */
final class TrainingRun implements RoundListener, Evaluation.Listener {

    private final Workload workload;
    private final WorkloadOptions options;
    private final double target;
    private final PrintStream progress;
    private final LongAdder training = new LongAdder();

    private Duration inRounds = Duration.ZERO;
    private long steps;
    private int rounds;
    private int abandoned;
    private @Nullable Evaluation last;

    /**
     * A run.
     *
     * @param target ends the run at an evaluation of this accuracy
     * @param progress where evaluations are told
     */
    TrainingRun(Workload workload, WorkloadOptions options, double target, PrintStream progress) {
        this.workload = workload;
        this.options = options;
        this.target = target;
        this.progress = progress;
    }

    /** Adds what was measured. */
    JsonLine run(JsonLine line) {
        ModelPool<TimedModel> models = ModelPool.of(this::model);
        ServerState start = ServerState.initial(models.initialWeights(), options.seed);
        long before = System.nanoTime();
        try (InProcessRunner runner = InProcessRunner.of(options.threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(workload.population().over(models))
                        .selector(ClientSelector.uniform(workload.cohort()))
                        .localTraining(workload.localTraining())
                        .runner(runner)
                        .listeners(
                                CentralEvaluation.every(workload.evaluateEvery(), models, workload.heldOut(), this),
                                this)
                        .build()) {
            server.run(start, workload.rounds());
        }
        double seconds = (System.nanoTime() - before) / 1e9;
        if (steps == 0) {
            throw new IllegalArgumentException("no client trained in " + rounds + " rounds");
        }
        return measured(line, seconds);
    }

    private TimedModel model() {
        Dl4jModel model = Dl4jModel.of(workload.network().get());
        return new TimedModel(options.plain ? model.withoutPlans() : model, training);
    }

    /** The round at which the target was reached. */
    OptionalInt reached() {
        return isReached() ? OptionalInt.of(rounds) : OptionalInt.empty();
    }

    private boolean isReached() {
        return last != null && last.accuracy().isPresent() && last.accuracy().getAsDouble() >= target;
    }

    private JsonLine measured(JsonLine line, double seconds) {
        double inRoundsSeconds = inRounds.toNanos() / 1e9;
        line.add("data", workload.data())
                .add("plain", options.plain)
                .add("clients", workload.population().ids().size())
                .add("cohort", workload.cohort())
                .add("rounds", rounds)
                .add("abandoned", abandoned)
                .add("threads", options.threads)
                .add("seconds", seconds, 3)
                .add("secondsInRounds", inRoundsSeconds, 3)
                .add("steps", steps)
                .add("microsecondsAStep", inRoundsSeconds * 1e6 / steps, 2)
                .add("outsideTraining", 1 - training.sum() / 1e9 / options.threads / inRoundsSeconds, 3);
        if (last != null) {
            last.accuracy().ifPresent(accuracy -> line.add("accuracy", accuracy, 4));
            line.add("loss", last.loss(), 4);
        }
        return line;
    }

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        last = evaluation;
        String accuracy = evaluation.accuracy().isPresent()
                ? String.format(
                        Locale.ROOT, ", accuracy %.4f", evaluation.accuracy().getAsDouble())
                : "";
        progress.printf(Locale.ROOT, "round %d: loss %.4f%s%n", round, evaluation.loss(), accuracy);
    }

    @Override
    public void roundEnded(RoundResult result) {
        rounds++;
        if (result instanceof RoundResult.Advanced advanced) {
            count(advanced.report());
        } else if (result instanceof RoundResult.Abandoned lost) {
            abandoned++;
            progress.println("round " + result.state().round() + " abandoned: " + lost.reason());
        }
    }

    private void count(RoundResult.Report report) {
        inRounds = inRounds.plus(report.duration());
        for (ClientOutcome<?> outcome : report.outcomes()) {
            if (outcome instanceof ClientOutcome.Completed<?> completed
                    && completed.result() instanceof ClientUpdate.Receipt receipt) {
                int examples = Math.toIntExact(receipt.numExamples().orElse(0));
                steps += workload.localTraining().stepsOver(examples);
            }
        }
    }

    @Override
    public boolean endsRunAfter(RoundResult result) {
        return isReached();
    }
}
