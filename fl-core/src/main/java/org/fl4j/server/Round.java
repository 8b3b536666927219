package org.fl4j.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
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
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * One round, read from top to bottom: the rule begins, a cohort is selected, the budget admits, the clients train, their
 * updates are collected, the server steps, and the report says how it went. Until the budget has admitted the round nothing is
 * spent, and what does not fit is thrown.
 */
final class Round {

    private final Aggregator rule;
    private final ServerSettings settings;
    private final ServerState state;
    private final RoundContext context;
    private final long start = System.nanoTime();

    Round(Aggregator rule, ServerSettings settings, ServerState state) {
        this.rule = rule;
        this.settings = settings;
        this.state = state;
        int round = state.round() + 1;
        this.context = new RoundContext(
                        round,
                        state.weights().layout(),
                        settings.clients().ids().size(),
                        settings.selector().scheme(),
                        state.aggregator(),
                        Seeds.derive(state.seed(), round, "aggregation"))
                .withCohort(settings.cohort());
    }

    RoundResult play() {
        UpdateCollector collector = UpdateCollector.begin(rule, context);
        Map<String, ModelDelta> vectors = collector.taskVectors();
        LocalTraining localTraining = settings.trainingAt(context.round());
        ClientSelector.Selection selection = select();
        // Before the round is charged: a store that fails fails each attempt, and each would spend a round.
        long token = settings.clientStates().begin(context.round());
        ComponentState ledger = state.ledger();
        requireNotInterrupted();
        if (rule.isPrivate()) {
            PrivacyBudgetGuard.Permit permit = rule.guard().get().admit(context, ledger);
            if (permit instanceof PrivacyBudgetGuard.Refused refused) {
                return new RoundResult.Refused(state, refused.reason(), refused.values());
            }
            ledger = ((PrivacyBudgetGuard.Granted) permit).ledger();
        }
        ClientRunner runner = runner(vectors);
        Cohort cohort = new Cohort(rule, settings, state, context, runner, selection, token, localTraining, vectors);
        UpdateCollector.Collected collected = cohort.nobody()
                .map(why -> UpdateCollector.Collected.nothing(List.of(), why))
                .orElseGet(() -> collector.collect(cohort));
        // Of a private round it would show who took part.
        Duration took = rule.isPrivate() ? Duration.ZERO : runner.elapsed();
        return end(selection, collected, ledger, took);
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
                .startRound(new ClientRunner.Start(context.round(), state.seed(), state.time()));
    }

    /** A task of this round, for no particular client. */
    TrainingTask sampleTask() {
        return new TrainingTask(
                context.round(),
                state.weights(),
                settings.trainingAt(context.round()),
                settings.objective(),
                UpdateCollector.begin(rule, context).taskVectors(),
                state.seed());
    }

    private ClientSelector.Selection select() {
        ClientSelector.Selection selection = settings.selector()
                .select(new ClientSelector.Context(
                        context.round(),
                        settings.clients().ids(),
                        settings.policy().overSelection(),
                        state.selector(),
                        Seeds.derive(state.seed(), context.round(), "selection"),
                        state.time()));
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

    private RoundResult end(
            ClientSelector.Selection selection,
            UpdateCollector.Collected collected,
            ComponentState ledger,
            Duration took) {
        String reason = collected.reason();
        if (collected.result().isPresent()) {
            Aggregation.Result result = collected.result().get();
            ServerOptimizer.Step step =
                    settings.optimizer().step(context.round(), state.weights(), result.aggregate(), state.optimizer());
            if (step.weights().isFinite()) {
                ComponentState selector = observed(selection, collected);
                settings.clientStates().commit(context.round(), collected.accepted());
                ServerState next = new ServerState(
                        context.round(),
                        step.weights(),
                        step.state(),
                        result.state(),
                        selector,
                        ledger,
                        state.time().plus(took),
                        state.seed(),
                        state.run());
                return new RoundResult.Advanced(next, report(collected, result.metrics()));
            }
            reason = "round " + context.round()
                    + ": the step would leave NaN or infinity in the global weights; is the server's step too large?";
        }
        settings.clientStates().commit(context.round(), List.of());
        return new RoundResult.Abandoned(state.abandoned(ledger, took), report(collected, Map.of()), reason);
    }

    private ComponentState observed(ClientSelector.Selection selection, UpdateCollector.Collected collected) {
        return settings.selector() instanceof ClientSelector.Informed informed
                ? informed.observe(selection.state(), List.copyOf(collected.outcomes()))
                : selection.state();
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
        return new RoundResult.Report(context.round(), outcomes, metrics, Duration.ofNanos(System.nanoTime() - start));
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
