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
import org.fl4j.client.RunLimits;
import org.fl4j.client.ServerFailureException;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.random.Seeds;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.Selection;
import org.fl4j.server.selection.UpdateReceipt;
import org.fl4j.weights.ModelDelta;

/** A round whose cohort is chosen and whose updates are to be collected. */
record OpenRound(
        Aggregator rule,
        ServerSettings settings,
        ServerState state,
        RoundContext context,
        Selection selection,
        long token,
        LocalTraining how,
        Map<String, ModelDelta> vectors) {

    List<ClientId> cohort() {
        return selection.cohort();
    }

    ClientRunner runner() {
        long values = (1L + vectors.size()) * context.layout().length();
        return settings.runner(values * context.layout().bytesPerValue());
    }

    RunLimits limits() {
        return new RunLimits(settings.policy().deadline(), selection.enough());
    }

    TrainingTask task(ClientId client) {
        return new TrainingTask(
                context.round(),
                token,
                state.weights(),
                how,
                settings.objective(),
                vectors,
                Seeds.derive(state.seed(), context.round(), client.value(), "training"));
    }

    /** The client's side of the work: train, then check on the thread that trained. */
    ClientOutcome<ClientUpdate> train(ClientId client, Function<ClientUpdate, Optional<String>> rulesRefusal)
            throws Exception {
        TrainingTask task = task(client);
        return settings.busy().call(client, context.round(), () -> {
            ClientUpdate update =
                    NativeThreads.pinned(() -> settings.clients().client(client).train(task));
            UpdateCheck check = new UpdateCheck(client, task, rule.guard().isPresent());
            return ServerFailureException.ours(() -> check.outcome(update, rulesRefusal));
        });
    }

    /** Why the rule cannot, in its own words. */
    Optional<String> tooFewFor(Aggregation aggregation) {
        return aggregation.shortfall().map(why -> "round " + context.round() + ": " + why);
    }

    /** Why there is nothing to do. A private round goes on without clients: it releases noise. */
    Optional<String> nobody() {
        return cohort().isEmpty() && rule.guard().isEmpty()
                ? Optional.of("round " + context.round() + ": the selector chose none of " + context.population()
                        + " clients")
                : Optional.empty();
    }

    /** Why the round cannot go on with these updates only. A private round goes on with none: it releases noise. */
    Optional<String> tooFew(Collection<ClientId> accepted, List<ClientOutcome<UpdateReceipt>> outcomes) {
        int n = accepted.size();
        if (n < settings.policy().minUpdates()) {
            return Optional.of("round " + context.round() + ": " + n + " of " + cohort().size()
                    + " clients completed but the round needs "
                    + settings.policy().minUpdates() + (n == 0 ? firstOf(outcomes) : ""));
        }
        if (n == 0 && rule.guard().isEmpty()) {
            return Optional.of("round " + context.round() + ": none of " + cohort().size() + " clients completed"
                    + firstOf(outcomes));
        }
        return Optional.empty();
    }

    /** Where all failed, they often failed alike. A private rule's clients are not named. */
    private String firstOf(List<ClientOutcome<UpdateReceipt>> outcomes) {
        return rule.guard().isPresent() || outcomes.isEmpty()
                ? ""
                : "; the first was " + outcomes.get(0).describe();
    }
}
