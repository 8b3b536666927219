package org.fl4j.server;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.Seeds;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.weights.ModelDelta;

/** The clients of one round, and how the server reaches them: their tasks, their training, whether enough completed. */
record Cohort(
        Aggregator rule,
        ServerSettings settings,
        ServerState state,
        RoundContext context,
        ClientRunner runner,
        ClientSelector.Selection selection,
        Deliveries deliveries,
        long token,
        LocalTraining localTraining,
        Map<String, ModelDelta> vectors,
        TrafficCount traffic) {

    List<ClientId> clients() {
        return selection.cohort();
    }

    ClientRunner.Limits limits() {
        return new ClientRunner.Limits(settings.policy().deadline(), selection.enough());
    }

    /** What all clients are sent; the seed is the attempt's. */
    TrainingTask task() {
        return new TrainingTask(
                context.round(),
                context.attempt(),
                token,
                deliveries.broadcast().weights(),
                localTraining,
                settings.objective(),
                settings.personal(),
                settings.uplink(),
                vectors,
                Seeds.ofAttempt(state.seed(), context.round(), context.attempt()),
                deliveries.ofAll());
    }

    TrainingTask task(ClientId client) {
        return deliveries.to(client, taskOf(client, task()));
    }

    /** Before the round is committed. */
    void accept(Collection<ClientId> accepted) {
        TrainingTask all = task();
        accepted.forEach(client -> deliveries.stage(client, all));
    }

    static TrainingTask taskOf(ClientId client, TrainingTask all) {
        return all.withSeed(Seeds.derive(all.seed(), all.round(), client.value(), "training"));
    }

    /** What the runner does for each client: train, check, and let the rule look at the update. */
    <T> ClientRunner.Work<T> training(Function<ClientUpdate, T> look) {
        return new ClientTraining<>(
                settings.clients(),
                settings.busy(),
                this::task,
                new ClientTraining.Reception<>(trainingTraffic(), isPrivate(), look));
    }

    /** Of a rule in the clear. */
    TrafficCount.Stage trainingTraffic() {
        TrafficCount.Stage stage = traffic.stage(Traffic.TRAINING);
        stage.uncalled(this::task, runner.countsTime());
        return stage;
    }

    boolean isPrivate() {
        return rule.isPrivate();
    }

    /** Why the rule cannot, in its own words. */
    Optional<String> tooFewFor(Aggregation aggregation) {
        return aggregation.shortfall().map(why -> "round " + context.round() + ": " + why);
    }

    /** Why there is nothing to do. A private round continues without clients: it releases noise. */
    Optional<String> nobody() {
        return clients().isEmpty() && !isPrivate()
                ? Optional.of("round " + context.round() + ": the selector chose none of " + context.population()
                        + " clients")
                : Optional.empty();
    }

    /** Why the round cannot continue with these updates only. A private round continues with none: it releases noise. */
    Optional<String> tooFew(Collection<ClientId> accepted, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        int n = accepted.size();
        if (n < settings.policy().minUpdates()) {
            return Optional.of(
                    "round " + context.round() + ": " + n + " of " + clients().size()
                            + " clients completed but the round needs "
                            + settings.policy().minUpdates() + (n == 0 ? firstOf(outcomes) : ""));
        }
        if (n == 0 && !isPrivate()) {
            return Optional.of("round " + context.round() + ": none of "
                    + clients().size() + " clients completed" + firstOf(outcomes));
        }
        return Optional.empty();
    }

    /** Where all failed, they often failed for the same reason. A private rule's clients are not named. */
    private String firstOf(List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        return isPrivate() || outcomes.isEmpty()
                ? ""
                : "; the first was " + outcomes.get(0).describe();
    }
}
