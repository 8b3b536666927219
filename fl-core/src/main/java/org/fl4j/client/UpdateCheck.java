package org.fl4j.client;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.weights.ModelDelta;

/**
 * Checks whether an update answers a task of a client. Comparisons with NaN are false, so a NaN would pass through any clip:
 * it is stopped here, before a rule sees it. Where more than one thing is wrong, the message is the same in every JVM: names
 * in order.
 */
record UpdateCheck(ClientId client, TrainingTask task, ClientUpdate update) {

    Optional<String> fault() {
        return wrongAddress()
                .or(this::wrongContent)
                .or(() -> wrongVector("delta", update.delta()))
                .or(() -> new TreeMap<>(update.vectors())
                        .entrySet().stream()
                                .flatMap(v -> wrongVector("vector '" + v.getKey() + "'", v.getValue()).stream())
                                .findFirst())
                .or(this::wrongCodec);
    }

    /** After the vectors: what is not finite has no encoding. */
    private Optional<String> wrongCodec() {
        return update.codec().equals(task.uplink().codec())
                ? Optional.empty()
                : Optional.of("the delta is encoded by '" + update.codec() + "' but the task asks for '"
                        + task.uplink().codec() + "'; does the client encode it, or something around it replace it?");
    }

    private Optional<String> wrongAddress() {
        if (!update.client().equals(client)) {
            return Optional.of("the update is of client '" + update.client() + "'; does the transport mix up clients?");
        }
        if (update.round() != task.round()) {
            return Optional.of("the update is of round " + update.round() + "; did an old answer arrive late?");
        }
        if (update.token() != task.token()) {
            return Optional.of("the update is of another attempt at round " + task.round()
                    + ", or of another run; did an old answer arrive late?");
        }
        if (!update.objective().equals(task.objective())) {
            return Optional.of(
                    "trained with '" + update.objective() + "' but the task asks for '" + task.objective() + "'");
        }
        return Optional.empty();
    }

    private Optional<String> wrongContent() {
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
