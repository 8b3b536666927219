package org.fl4j.server;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ServerFailureException;
import org.fl4j.client.TrainingTask;
import org.fl4j.weights.ModelDelta;
import org.jspecify.annotations.Nullable;

/**
 * Why the server does not take an update. Comparisons with NaN are false, so a NaN would pass through any clip: it is
 * stopped here, before a rule sees it. Where more than one thing is wrong, the message is the same in every JVM: names in
 * order.
 *
 * @param underGuard whether the rule is private: then it is a refusal if the rule's look at the update throws, as it may
 *     throw for one client's data and not for another's, and the end of the run would show which
 */
record UpdateCheck(ClientId client, TrainingTask task, boolean underGuard) {

    /** What becomes of what training returned. The rule is asked about an update that is otherwise in order. */
    ClientOutcome<ClientUpdate> outcome(
            @Nullable ClientUpdate update, Function<ClientUpdate, Optional<String>> rulesRefusal) {
        if (update == null) {
            return rejected("train returned null, not an update");
        }
        return refusal(update)
                .or(() -> refusal(update, rulesRefusal))
                .map(this::rejected)
                .orElseGet(() -> new ClientOutcome.Completed<>(client, update));
    }

    private ClientOutcome<ClientUpdate> rejected(String why) {
        return new ClientOutcome.Rejected<>(client, "client '" + client + "', round " + task.round() + ": " + why);
    }

    private Optional<String> refusal(ClientUpdate update) {
        return wrongAddress(update)
                .or(() -> wrongContent(update))
                .or(() -> wrongVector("delta", update.delta()))
                .or(() -> new TreeMap<>(update.vectors())
                        .entrySet().stream()
                                .flatMap(v -> wrongVector("vector '" + v.getKey() + "'", v.getValue()).stream())
                                .findFirst());
    }

    private Optional<String> refusal(ClientUpdate update, Function<ClientUpdate, Optional<String>> rulesRefusal) {
        if (!underGuard) {
            return rulesRefusal.apply(update);
        }
        try {
            return rulesRefusal.apply(update);
        } catch (RunInterruptedException | ServerFailureException e) {
            throw e;
        } catch (RuntimeException e) {
            return Optional.of(
                    "the rule could not look at the update: " + e.getClass().getName());
        }
    }

    private Optional<String> wrongAddress(ClientUpdate update) {
        if (!update.client().equals(client)) {
            return Optional.of("the update is of client '" + update.client() + "'; does the transport mix up clients?");
        }
        if (update.round() != task.round()) {
            return Optional.of("the update is of round " + update.round() + "; did an old answer arrive late?");
        }
        if (!update.objective().equals(task.objective())) {
            return Optional.of(
                    "trained with '" + update.objective() + "' but the task asks for '" + task.objective() + "'");
        }
        return Optional.empty();
    }

    private static Optional<String> wrongContent(ClientUpdate update) {
        if (update.numExamples() < 1) {
            return Optional.of("numExamples must be at least 1, but was " + update.numExamples());
        }
        for (Map.Entry<String, Double> scalar : new TreeMap<>(update.scalars()).entrySet()) {
            if (!Double.isFinite(scalar.getValue())) {
                return Optional.of("scalar '" + scalar.getKey() + "' must be finite, but was " + scalar.getValue()
                        + "; did local training diverge?");
            }
        }
        return Optional.empty();
    }

    private Optional<String> wrongVector(String name, ModelDelta vector) {
        Optional<String> difference =
                vector.layout().differenceFrom(task.global().layout());
        if (difference.isPresent()) {
            return Optional.of(
                    name + ": " + difference.get() + "; was the client's model built from the same configuration?");
        }
        OptionalInt bad = vector.firstNonFinite();
        if (bad.isPresent()) {
            return Optional.of(name + " is not finite at coordinate " + bad.getAsInt() + ", of parameter '"
                    + vector.layout().at(bad.getAsInt()).name() + "'; did local training diverge at learning rate "
                    + task.localTraining().learningRate() + "?");
        }
        return Optional.empty();
    }
}
