package org.fl4j.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.Seeds;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterSpec;

/**
 * One attempt at a round, read from top to bottom: the rule begins, a cohort is selected, the budget admits, the clients train, their
 * updates are collected, the server steps, and the report says how it went. Until the budget has admitted the round nothing is
 * spent, and what does not fit is thrown.
 */
final class Round {

    private final Aggregator rule;
    private final ServerSettings settings;
    private final ServerState state;
    private final RoundContext context;
    private final long seed;
    private final long start = System.nanoTime();
    private final Broadcast broadcast;
    private Optional<Cohort> cohort = Optional.empty();
    private Optional<ServerState> again = Optional.empty();

    Round(Aggregator rule, ServerSettings settings, ServerState state) {
        this.rule = rule;
        this.settings = settings;
        this.state = state;
        int round = state.round() + 1;
        this.seed = Seeds.ofAttempt(state.seed(), round, state.attempt());
        this.context = new RoundContext(
                        round,
                        state.weights().layout(),
                        settings.clients().ids().size(),
                        settings.sampling(),
                        state.aggregator(),
                        Seeds.derive(seed, round, "aggregation"))
                .withAttempt(state.attempt())
                .withCohort(settings.cohort());
        this.broadcast = Broadcast.of(settings.downlink(), state, Seeds.derive(seed, round, "downlink"));
    }

    RoundResult play() {
        UpdateCollector collector = UpdateCollector.begin(rule, context);
        Map<String, ModelDelta> vectors = collector.taskVectors();
        LocalTraining localTraining = settings.trainingAt(context.round(), state);
        ClientRunner runner = runner(vectors);
        waitFor(runner);
        ClientSelector.Selection selection = select(state.time().plus(time(runner)));
        // Before the round is charged: a store that fails fails each attempt, and each would spend a round.
        long token = settings.clientStates().begin(context.round());
        PrivacyBudgetGuard.Permit permit = admit();
        if (permit instanceof PrivacyBudgetGuard.Refused refused) {
            return new RoundResult.Refused(state, refused.reason(), refused.values());
        }
        if (permit instanceof PrivacyBudgetGuard.Skipped skipped) {
            return skip(skipped);
        }
        ComponentState ledger = ((PrivacyBudgetGuard.Granted) permit).ledger();
        Cohort chosen = new Cohort(
                rule,
                settings,
                state,
                context,
                runner,
                selection,
                Deliveries.of(settings, broadcast),
                token,
                localTraining,
                vectors,
                settings.count(rule));
        cohort = Optional.of(chosen);
        Optional<String> nobody = chosen.nobody();
        nobody.flatMap(why -> settings.selector().next(state.time().plus(time(runner))))
                .ifPresent(runner::passUntil);
        UpdateCollector.Collected collected = nobody.map(why -> UpdateCollector.Collected.nothing(List.of(), why))
                .orElseGet(() -> collector.collect(chosen));
        return end(
                selection.state(), collected.carrying(traffic(chosen.traffic(), chosen::task)), ledger, time(runner));
    }

    /** No client is asked, and the round is not attempted again. */
    RoundResult skip(PrivacyBudgetGuard.Skipped skipped) {
        return end(
                state.selector(),
                UpdateCollector.Collected.nothing(List.of(), skipped.reason()).neverRepeated(),
                skipped.ledger(),
                Duration.ZERO);
    }

    /** Of a private round no more than what is the same for every client, unless their number is public. */
    Traffic traffic(TrafficCount count, Supplier<TrainingTask> any) {
        if (settings.countsMessages(rule)) {
            return count.take();
        }
        TrainingTask task = any.get();
        return new Traffic.PerClient(
                rule instanceof SecureAggregator
                        ? Map.of(Traffic.TASK, new Traffic.Bytes(task.encodedLength(), 0))
                        : Map.of(
                                Traffic.TRAINING,
                                new Traffic.Bytes(task.encodedLength(), ClientUpdate.shortestAnswerTo(task))));
    }

    RoundContext context() {
        return context;
    }

    /** What the rule's guard says, which charges the round; the ledger as it is where there is no guard. */
    PrivacyBudgetGuard.Permit admit() {
        requireNotInterrupted();
        return rule.guard()
                .map(guard -> guard.admit(context, state.ledger()))
                .orElse(new PrivacyBudgetGuard.Granted(state.ledger()));
    }

    /** Where another attempt at this round starts, if it was abandoned and is to be repeated. */
    Optional<ServerState> again() {
        return again;
    }

    private void waitFor(ClientRunner runner) {
        Duration wait = settings.policy().retries().waitBefore(state.attempt());
        if (wait.isZero()) {
            return;
        }
        try {
            runner.pause(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException(
                    "round " + context.round() + ": interrupted during the wait for another attempt");
        }
    }

    /** Of a private round it would show who took part. */
    private Duration time(ClientRunner runner) {
        return rule.isPrivate() ? Duration.ZERO : runner.elapsed();
    }

    /** Before the round is charged: its runner would end it at once. */
    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new RunInterruptedException("interrupted; the state before is valid");
        }
    }

    private ClientRunner runner(Map<String, ModelDelta> vectors) {
        long values = (1L + vectors.size()) * context.layout().length();
        return settings.runner(values * context.layout().bytesPerValue())
                .startRound(new ClientRunner.Start(context.round(), state.attempt(), state.seed(), state.time()));
    }

    /** A task of this round, for no particular client. */
    TrainingTask sampleTask() {
        return new TrainingTask(
                context.round(),
                0,
                0,
                state.weights(),
                settings.trainingAt(context.round(), state),
                settings.objective(),
                settings.personal(),
                settings.uplink(),
                UpdateCollector.begin(rule, context).taskVectors(),
                state.seed(),
                Deliveries.of(settings, broadcast).ofAll());
    }

    private ClientSelector.Selection select(Duration time) {
        ClientSelector.Selection selection = settings.selector()
                .select(new ClientSelector.Context(
                        context.round(),
                        settings.clients().ids(),
                        settings.policy().overSelection(),
                        state.selector(),
                        Seeds.derive(seed, context.round(), "selection"),
                        time));
        Set<ClientId> seen = new HashSet<>();
        for (ClientId id : selection.cohort()) {
            if (!seen.add(id)) {
                throw new IllegalStateException("round " + context.round() + ": "
                        + (rule.isPrivate() ? "a client" : "client '" + id + "'")
                        + " is twice in the cohort; are the population's ids unique?");
            }
        }
        return selection;
    }

    RoundResult end(
            ComponentState selected, UpdateCollector.Collected collected, ComponentState ledger, Duration took) {
        String reason = collected.reason();
        if (collected.result().isPresent()) {
            Aggregation.Result result = collected.result().get();
            ServerOptimizer.Step step =
                    settings.optimizer().step(context.round(), state.weights(), result.aggregate(), state.optimizer());
            ModelWeights weights = scaled(step.weights());
            if (weights.isFinite()) {
                ComponentState selector = observed(selected, collected);
                cohort.ifPresent(those -> those.accept(collected.accepted()));
                settings.clientStates().commit(context.round(), collected.accepted());
                ServerState next = new ServerState(
                        context.round(),
                        0,
                        weights,
                        step.state(),
                        result.state(),
                        selector,
                        ledger,
                        broadcast.next(),
                        state.progress(),
                        state.time().plus(took),
                        TasksUnderWay.NONE,
                        state.seed(),
                        state.run());
                return new RoundResult.Advanced(next, report(collected, result.metrics()));
            }
            reason = "round " + context.round()
                    + ": the step would leave NaN or infinity in the global weights; is the server's step too large?";
        }
        settings.clientStates().commit(context.round(), List.of());
        if (collected.mayBeRepeated()
                && state.attempt() < settings.policy().retries().most()) {
            again = Optional.of(state.again(ledger, took));
        }
        return new RoundResult.Abandoned(state.abandoned(ledger, took), report(collected, Map.of()), reason);
    }

    /** A server's rate that was reduced on a plateau; statistics are no steps. */
    private ModelWeights scaled(ModelWeights stepped) {
        double factor = Validation.serverFactor(state);
        return factor == 1
                ? stepped
                : state.weights().plus(stepped.minus(state.weights()).times(new ParameterSpec.Role.Factors(factor, 1)));
    }

    private ComponentState observed(ComponentState selected, UpdateCollector.Collected collected) {
        return settings.selector() instanceof ClientSelector.Informed informed
                ? informed.observe(selected, List.copyOf(collected.outcomes()))
                : selected;
    }

    /** Of a private round it holds what was released, and neither clients nor counts. */
    private RoundResult.Report report(UpdateCollector.Collected collected, Map<String, Double> rulesMetrics) {
        boolean open = !rule.isPrivate();
        if (!open && settings.revealsFailures()) {
            RoundAnnouncer.reveal(context.round(), collected.outcomes());
        }
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = open ? collected.outcomes() : List.of();
        Map<String, Double> metrics = new HashMap<>();
        meanLoss(outcomes).ifPresent(loss -> metrics.put(ClientUpdate.LOSS, loss));
        metrics.putAll(rulesMetrics);
        return new RoundResult.Report(
                context.round(),
                outcomes,
                metrics,
                collected.traffic(),
                state.attempt() + 1,
                settings.countsMessages(rule) ? Duration.ofNanos(System.nanoTime() - start) : Duration.ZERO);
    }

    private static OptionalDouble meanLoss(List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        double sum = 0;
        double examples = 0;
        for (ClientOutcome<ClientUpdate.Receipt> outcome : outcomes) {
            if (outcome instanceof ClientOutcome.Completed<ClientUpdate.Receipt> completed) {
                ClientUpdate.Receipt receipt = completed.result();
                Double loss = receipt.scalars().get(ClientUpdate.LOSS);
                if (loss != null && receipt.numExamples().isPresent()) {
                    sum += loss * receipt.numExamples().getAsLong();
                    examples += receipt.numExamples().getAsLong();
                }
            }
        }
        return examples == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / examples);
    }
}
