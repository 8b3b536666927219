package org.fl4j.privacy.dp;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.Interval;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyTarget;

/**
 * What may be claimed of a run, derived from what it did: for whom, against whom, by what noise, for which epsilon, and what
 * is not covered.
 *
 * <p>Immutable and thread-safe.
 *
 * @param model who adds the noise
 * @param rule what is noised, with its clip norm and denominator, as it was set when the statement was asked for
 * @param spent every round that was booked
 * @param privacyDelta the delta at which epsilon is stated
 * @param epsilon certified: the true epsilon of the rounds is in it
 * @param budget empty if the run had none
 * @param journaled whether each of the rounds was written to disk before it released anything
 */
public record PrivacyStatement(
        PrivacyModel model,
        String rule,
        Composition spent,
        double privacyDelta,
        Interval epsilon,
        Optional<PrivacyTarget> budget,
        boolean journaled) {

    private static final String UNIT = "one client, with everything it ever contributed";
    private static final String MECHANISM = "exact discrete Gaussian noise on integers, from AES-256-CTR";

    /**
     * How many rounds were booked.
     *
     * @return at least 0
     */
    public long rounds() {
        return spent.events().values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * What the statement does not cover.
     *
     * @return one sentence each
     */
    public List<String> notProtected() {
        List<String> gaps = new ArrayList<>();
        gaps.add(
                "what the host releases beside: evaluations on client data, counts, how long rounds took, logs, the list of"
                        + " clients");
        gaps.add(model.gap());
        gaps.add("earlier runs and tuning on the same clients");
        if (!journaled) {
            gaps.add("rounds whose state was lost or not gone on from: without a journal they are not counted");
        }
        return List.copyOf(gaps);
    }

    /**
     * What the statement covers.
     *
     * @return nothing where epsilon is not bounded
     */
    public List<String> covered() {
        return isBounded() ? model.covered() : List.of();
    }

    /**
     * The statement for people.
     *
     * @return some lines
     */
    public String text() {
        return String.join(
                "\n",
                String.format(
                        Locale.ROOT,
                        "%s epsilon between %s and %s at delta %s after %d rounds",
                        isBounded() ? "(epsilon, delta)-differential privacy with" : "no differential privacy:",
                        number(epsilon.lower(), RoundingMode.FLOOR),
                        number(epsilon.upper(), RoundingMode.CEILING),
                        privacyDelta,
                        rounds()),
                "model: " + model.name().toLowerCase(Locale.ROOT),
                "unit: " + UNIT,
                "adjacency: " + model.adjacency(),
                "mechanism: " + MECHANISM,
                "rule: " + rule,
                "releases: " + (rounds() == 0 ? "none" : releases()),
                "budget: "
                        + budget.map(b -> "epsilon " + b.epsilon() + " at delta " + b.privacyDelta())
                                .orElse("none"),
                "journal: "
                        + (journaled
                                ? "every round forced to disk before its noise was drawn"
                                : "none, or not of every round"),
                "protected: " + (isBounded() ? String.join("; ", covered()) : "nothing"),
                "not protected: " + String.join("; ", notProtected()));
    }

    /**
     * The statement for programs.
     *
     * @return a JSON object; an epsilon that is infinite is null
     */
    public String json() {
        return "{"
                + "\"epsilonLower\":" + json(epsilon.lower())
                + ",\"epsilonUpper\":" + json(epsilon.upper())
                + ",\"privacyDelta\":" + json(privacyDelta)
                + ",\"rounds\":" + rounds()
                + ",\"model\":" + quoted(model.name().toLowerCase(Locale.ROOT))
                + ",\"unit\":" + quoted(UNIT)
                + ",\"adjacency\":" + quoted(model.adjacency())
                + ",\"mechanism\":" + quoted(MECHANISM)
                + ",\"rule\":" + quoted(rule)
                + ",\"releases\":" + releasesJson()
                + ",\"budget\":"
                + budget.map(b -> "{\"epsilon\":" + json(b.epsilon()) + ",\"privacyDelta\":" + json(b.privacyDelta())
                                + "}")
                        .orElse("null")
                + ",\"journaled\":" + journaled
                + ",\"protected\":" + list(covered())
                + ",\"notProtected\":" + list(notProtected())
                + "}";
    }

    private boolean isBounded() {
        return epsilon.upper() < Double.POSITIVE_INFINITY;
    }

    private String releases() {
        return spent.events().entrySet().stream()
                .map(booking -> booking.getValue() + " with noise multiplier "
                        + booking.getKey().noiseMultiplier() + ", " + sampling(booking.getKey()))
                .collect(Collectors.joining("; "));
    }

    private static String sampling(PrivacyEvent event) {
        return event.samplingProbability() < 1
                ? "Poisson sampling with probability " + event.samplingProbability()
                        + " from a cryptographic generator, as long as the cohort and its size stay secret"
                : "no amplification claimed: counted as if every client took part";
    }

    private String releasesJson() {
        return spent.events().entrySet().stream()
                .map(PrivacyStatement::releaseJson)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String releaseJson(Map.Entry<PrivacyEvent, Long> booking) {
        return "{\"rounds\":" + booking.getValue() + ",\"noiseMultiplier\":"
                + json(booking.getKey().noiseMultiplier()) + ",\"samplingProbability\":"
                + json(booking.getKey().samplingProbability()) + "}";
    }

    private static String list(List<String> texts) {
        return texts.stream().map(PrivacyStatement::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    /** Never to the inside of the interval. */
    private static String number(double value, RoundingMode outward) {
        return Double.isInfinite(value)
                ? "infinity"
                : new BigDecimal(value).setScale(4, outward).toPlainString();
    }

    private static String json(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "null";
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
