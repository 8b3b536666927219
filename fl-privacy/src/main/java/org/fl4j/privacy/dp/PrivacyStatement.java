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
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;
import org.fl4j.privacy.accounting.PrivacyTarget;

/**
 * The privacy guarantee of a run, computed from the releases it actually made: for whom, against whom, by what noise, for
 * which epsilon, and what is not covered.
 *
 * <p>Two figures, which are never merged: under a secure sum the members of a cohort learn its size, so sampling hides
 * no client from them, and the epsilon against them is the larger one. Elsewhere both are the same.
 *
 * <p>Immutable and thread-safe.
 *
 * @param model who adds the noise
 * @param rule what is noised, with its clip norm and denominator, as set when the statement was made
 * @param againstOutsiders against observers that know the released weights and are in no cohort
 * @param againstMembers against clients that are members of the cohorts
 * @param privacyDelta the delta at which epsilon is stated
 * @param budget empty if the run had none; held against members unless the host declares them trusted
 * @param trustingRounds rounds that the budget counts by the figure against outsiders, as the host declared cohort members
 *     trusted
 * @param journaled whether each of the rounds was written to disk before it released anything
 */
public record PrivacyStatement(
        PrivacyModel model,
        String rule,
        Figure againstOutsiders,
        Figure againstMembers,
        double privacyDelta,
        Optional<PrivacyTarget> budget,
        long trustingRounds,
        boolean journaled) {

    /** The ledger does not say which rounds were masked: an unsampled one is the same release in the clear. */
    private static final String SILENCE =
            "under masks, whether a round recovered a sum: a client that goes silent or is late may decide it";

    private static final String RECOVERY =
            "against outsiders, what a masked round that recovered a sum says of its cohort: that it was large enough, given"
                    + " which a client was sampled with a little more than the stated probability";

    private static final String MECHANISM = "exact discrete Gaussian noise on integers, from AES-256-CTR";

    /**
     * The number of rounds that were charged; under example-level privacy that of steps.
     *
     * @return at least 0
     */
    public long rounds() {
        return againstMembers.rounds();
    }

    /**
     * What the statement does not cover.
     *
     * @return one sentence each
     */
    public List<String> notProtected() {
        List<String> gaps = new ArrayList<>();
        gaps.add(
                "what the host releases beside: evaluations on client data, their distribution over clients and what they decide about the run if that was revealed, counts, how long rounds took, when tasks of asynchronous rounds arrived, logs, the list of"
                        + " clients");
        gaps.add(model.gap());
        gaps.add("earlier runs and tuning on the same clients");
        if (model == PrivacyModel.CENTRAL) {
            gaps.add(SILENCE);
        }
        if (!againstOutsiders.releases().equals(againstMembers.releases())) {
            gaps.add(RECOVERY);
        }
        if (!journaled) {
            gaps.add("rounds whose resulting state was discarded: without a journal these are not counted");
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
                claims(),
                "model: " + model.name().toLowerCase(Locale.ROOT),
                "unit: " + model.unit(),
                "adjacency: " + model.adjacency(),
                "mechanism: " + MECHANISM,
                "rule: " + rule,
                releases(),
                "budget: "
                        + budget.map(b -> "epsilon " + b.epsilon() + " at delta " + b.privacyDelta() + heldAgainst())
                                .orElse("none"),
                "journal: "
                        + (journaled
                                ? (model == PrivacyModel.EXAMPLE ? "every step" : "every round")
                                        + " forced to disk before its noise was drawn"
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
                + "\"privacyDelta\":" + json(privacyDelta)
                + ",\"rounds\":" + rounds()
                + ",\"againstOutsiders\":" + json(againstOutsiders)
                + ",\"againstMembers\":" + json(againstMembers)
                + ",\"roundsThatTrustMembers\":" + trustingRounds
                + ",\"model\":" + quoted(model.name().toLowerCase(Locale.ROOT))
                + ",\"unit\":" + quoted(model.unit())
                + ",\"adjacency\":" + quoted(model.adjacency())
                + ",\"mechanism\":" + quoted(MECHANISM)
                + ",\"rule\":" + quoted(rule)
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
        return againstMembers.isBounded();
    }

    private String claims() {
        return model != PrivacyModel.CENTRAL
                ? claim("everybody", againstMembers)
                : claim("members of a cohort", againstMembers) + "\n"
                        + claim("outsiders, who take part in none", againstOutsiders);
    }

    private String claim(String whom, Figure figure) {
        return String.format(
                Locale.ROOT,
                "against %s: %s epsilon between %s and %s at delta %s after %d %s",
                whom,
                figure.isBounded() ? "(epsilon, delta)-differential privacy with" : "no differential privacy,",
                number(figure.epsilon().lower(), RoundingMode.FLOOR),
                number(figure.epsilon().upper(), RoundingMode.CEILING),
                privacyDelta,
                rounds(),
                model == PrivacyModel.EXAMPLE ? "steps" : "rounds");
    }

    private String heldAgainst() {
        if (model != PrivacyModel.CENTRAL) {
            return "";
        }
        return trustingRounds == 0
                ? ", held against members of a cohort"
                : ", held against outsiders only in " + trustingRounds + " of " + rounds()
                        + " rounds, whose cohort members the host declared trusted";
    }

    private String releases() {
        return againstOutsiders.releases().equals(againstMembers.releases())
                ? "releases: " + releases(againstMembers)
                : "releases, as members of a cohort see them: " + releases(againstMembers)
                        + "\nreleases, as outsiders see them: " + releases(againstOutsiders);
    }

    private String releases(Figure figure) {
        return figure.rounds() == 0 ? "none" : described(figure);
    }

    private String described(Figure figure) {
        return figure.releases().events().entrySet().stream()
                .map(charge -> charge.getValue() + " with noise multiplier "
                        + charge.getKey().noiseMultiplier() + ", " + sampling(charge.getKey()))
                .collect(Collectors.joining("; "));
    }

    private String sampling(PrivacyEvent event) {
        boolean ofExamples = model == PrivacyModel.EXAMPLE;
        return event.samplingProbability() < 1
                ? "Poisson sampling with probability " + event.samplingProbability()
                        + " from a cryptographic generator, as long as the " + (ofExamples ? "batch" : "cohort")
                        + " and its size stay secret"
                : "no amplification claimed: counted as if every " + (ofExamples ? "example" : "client") + " took part";
    }

    private static String json(Figure figure) {
        return "{\"epsilonLower\":" + json(figure.epsilon().lower()) + ",\"epsilonUpper\":"
                + json(figure.epsilon().upper()) + ",\"releases\":" + releasesJson(figure) + "}";
    }

    private static String releasesJson(Figure figure) {
        return figure.releases().events().entrySet().stream()
                .map(PrivacyStatement::releaseJson)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String releaseJson(Map.Entry<PrivacyEvent, Long> charge) {
        return "{\"rounds\":" + charge.getValue() + ",\"noiseMultiplier\":"
                + json(charge.getKey().noiseMultiplier()) + ",\"samplingProbability\":"
                + json(charge.getKey().samplingProbability()) + "}";
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

    /**
     * What a run costs against one kind of observer.
     *
     * @param releases every release that was charged, as this observer sees it
     * @param epsilon certified: the true epsilon of these releases is in it
     */
    public record Figure(Composition releases, PrivacyLossAccountant.Interval epsilon) {

        static Figure of(Composition releases, double privacyDelta, PrivacyLossAccountant accountant) {
            return new Figure(releases, accountant.epsilon(releases, privacyDelta));
        }

        long rounds() {
            return releases.events().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }

        boolean isBounded() {
            return epsilon.upper() < Double.POSITIVE_INFINITY;
        }
    }

    /** Who adds the noise, and so who must be trusted. */
    public enum PrivacyModel {
        /** The server adds noise to the sum; it must be trusted with the sum, and with each update unless updates are masked. */
        CENTRAL,
        /** Each client adds noise to its own update; no other party must be trusted. */
        LOCAL,
        /** Each client adds noise to its gradients and hides each of its examples; no other party must be trusted. */
        EXAMPLE;

        String unit() {
            return this == EXAMPLE
                    ? "one example of the client, in every step it was part of"
                    : "one client, with everything it ever contributed";
        }

        /** Whose a journal is. */
        String accounts() {
            return switch (this) {
                case CENTRAL -> "of a run";
                case LOCAL -> "of clients under local differential privacy";
                case EXAMPLE -> "of clients under example-level differential privacy";
            };
        }

        String adjacency() {
            return switch (this) {
                case CENTRAL ->
                    "zero-out: one client's contribution is replaced by nothing; the list of clients is public";
                case LOCAL ->
                    "replace: a client's data are replaced by any other data; the sensitivity is twice the clip norm";
                case EXAMPLE ->
                    "add or remove: one example is added to the client's data or removed from them, and the others keep"
                            + " their places";
            };
        }

        List<String> covered() {
            return switch (this) {
                case CENTRAL ->
                    List.of(
                            "the global weights of every round and of every checkpoint",
                            "the rule's metrics, such as the noised clip fraction");
                case LOCAL, EXAMPLE -> List.of("the client's update, and all that is computed from it");
            };
        }

        String gap() {
            return switch (this) {
                case CENTRAL ->
                    "updates in the memory of the server, which is trusted with them unless they are masked where"
                            + " the clients are: those simulated in its process or on a cluster are not protected from it";
                case LOCAL -> "that the client took part or failed, and when";
                case EXAMPLE ->
                    "that the client took part or failed, when, and how long single steps took; what the client is like as"
                            + " a whole; a person with several examples, whom the stated epsilon holds only one by one";
            };
        }
    }
}
