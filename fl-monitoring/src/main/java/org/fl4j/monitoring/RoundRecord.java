package org.fl4j.monitoring;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.fl4j.internal.Check;

/**
 * What is known of one round. Its figures have names of words with dots between them:
 *
 * <ul>
 *   <li>{@code training.loss}: of the clients that took a step, where the server saw it
 *   <li>{@code rule.NAME}: a metric of the rule
 *   <li>{@code NAME.loss}, {@code NAME.accuracy}, {@code NAME.examples}: of the evaluation with that name, such as
 *       {@code central.accuracy}
 *   <li>{@code NAME.accuracy.mean}, {@code .p10}, {@code .worst} (or {@code NAME.loss.mean}, ...), {@code NAME.clients}: how
 *       clients differ
 *   <li>{@code clients.selected}, {@code .completed}, {@code .failed}, {@code .rejected}, {@code .timed_out},
 *       {@code .not_started}, {@code .busy}, {@code .stale}, {@code .surplus}: numbers of clients; none for an empty cohort
 *   <li>{@code traffic.down_bytes}, {@code traffic.up_bytes}: of the round; {@code traffic.client_down_bytes},
 *       {@code traffic.client_up_bytes}: of each client, in their place where the number of clients is private
 *   <li>{@code time.round_seconds}: the last attempt and the wait before it; {@code time.other_seconds}: the rest until the
 *       next round starts: earlier attempts, checkpoints, evaluations and other listeners
 *   <li>{@code round.attempts}: how many it took
 *   <li>the host's, such as {@code privacy.epsilon}
 * </ul>
 *
 * @param round counted from 1
 * @param outcome how it ended
 * @param reason why it did not advance, with client ids where the run discloses them; empty if it advanced
 * @param at when it ended; where a run discloses no times, when the run started
 * @param figures finite, in the order above
 */
public record RoundRecord(int round, Outcome outcome, String reason, Instant at, Map<String, Double> figures) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*");

    /** How a round ended. */
    public enum Outcome {
        /** The global weights took a step. */
        ADVANCED,
        /** No aggregate was produced. */
        ABANDONED,
        /** The rule's guard did not admit it. */
        REFUSED
    }

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if the round is below 1, a figure is not finite or its name is not of letters, digits,
     *     underscores and hyphens, with single dots between them
     */
    public RoundRecord {
        Check.atLeast("round", round, 1);
        Map<String, Double> copy = new LinkedHashMap<>(figures);
        copy.forEach((name, value) -> {
            if (!isName(name) || !Double.isFinite(value)) {
                throw new IllegalArgumentException(
                        "round " + round + ": a figure must be finite and its name words with"
                                + " dots between them, but was '" + name + "' = " + value);
            }
        });
        figures = Collections.unmodifiableMap(copy);
    }

    /**
     * One figure.
     *
     * @param name of any kind
     * @return empty if this round does not have it
     */
    public OptionalDouble figure(String name) {
        Double value = figures.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }
}
