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
import org.fl4j.privacy.accounting.SampledGaussian;

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
 * @param audit what an audit of the run found; empty if there was none
 */
public record PrivacyStatement(
        PrivacyModel model,
        String rule,
        Figure againstOutsiders,
        Figure againstMembers,
        double privacyDelta,
        Optional<PrivacyTarget> budget,
        long trustingRounds,
        boolean journaled,
        Optional<AuditVerdict> audit) {

    /** The ledger does not say which rounds were masked: an unsampled one is the same release in the clear. */
    private static final String SILENCE =
            "under masks, whether a round recovered a sum: a client that goes silent or is late may decide it";

    private static final String RECOVERY =
            "against outsiders, what a masked round that recovered a sum says of its cohort: that it was large enough, given"
                    + " which a client was sampled with a little more than the stated probability";

    /** A statement of a run that was not audited. */
    public PrivacyStatement(
            PrivacyModel model,
            String rule,
            Figure againstOutsiders,
            Figure againstMembers,
            double privacyDelta,
            Optional<PrivacyTarget> budget,
            long trustingRounds,
            boolean journaled) {
        this(
                model,
                rule,
                againstOutsiders,
                againstMembers,
                privacyDelta,
                budget,
                trustingRounds,
                journaled,
                Optional.empty());
    }

    /** Returns a copy with what an audit of the run found. */
    public PrivacyStatement with(AuditVerdict verdict) {
        return new PrivacyStatement(
                model,
                rule,
                againstOutsiders,
                againstMembers,
                privacyDelta,
                budget,
                trustingRounds,
                journaled,
                Optional.of(verdict));
    }

    /**
     * The number of rounds that were charged; of steps under example-level privacy, and under {@link PrivacyModel#CORRELATED} of
     * runs, each with all its rounds.
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
        if (!model.isOfClients()) {
            gaps.add(SILENCE);
        }
        if (model == PrivacyModel.CENTRAL && !againstOutsiders.releases().equals(againstMembers.releases())) {
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
                "mechanism: " + model.mechanism(),
                "rule: " + rule,
                releases(),
                "budget: "
                        + budget.map(b -> "epsilon " + b.epsilon() + " at delta " + b.privacyDelta() + heldAgainst())
                                .orElse("none"),
                "journal: "
                        + (journaled
                                ? "every " + model.unitOfCharge() + " forced to disk before its noise was drawn"
                                : "none, or not of every round"),
                "protected: " + (isBounded() ? String.join("; ", covered()) : "nothing"),
                "not protected: " + String.join("; ", notProtected()) + auditText());
    }

    private String auditText() {
        return audit.map(verdict -> "\naudit: " + verdict.text()).orElse("");
    }

    /**
     * The statement for programs.
     *
     * @return a JSON object; an epsilon that is infinite is null, {@code audit} is absent where there was none
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
                + ",\"mechanism\":" + quoted(model.mechanism())
                + ",\"rule\":" + quoted(rule)
                + ",\"budget\":"
                + budget.map(b -> "{\"epsilon\":" + json(b.epsilon()) + ",\"privacyDelta\":" + json(b.privacyDelta())
                                + "}")
                        .orElse("null")
                + ",\"journaled\":" + journaled
                + ",\"protected\":" + list(covered())
                + ",\"notProtected\":" + list(notProtected())
                + audit.map(verdict -> ",\"audit\":" + verdict.json()).orElse("")
                + "}";
    }

    private boolean isBounded() {
        return againstMembers.isBounded();
    }

    private String claims() {
        return switch (model) {
            case LOCAL, EXAMPLE -> claim("everybody", againstMembers);
            case CENTRAL, CORRELATED ->
                claim("members of a cohort", againstMembers) + "\n"
                        + claim("outsiders, who take part in none", againstOutsiders);
            case DISTRIBUTED ->
                claim("the server, with as many members of a cohort as it may collude with", againstMembers) + "\n"
                        + claim("outsiders, who know the noise of nobody", againstOutsiders);
        };
    }

    private String claim(String whom, Figure figure) {
        return String.format(
                Locale.ROOT,
                "against %s: %s epsilon between %s and %s at delta %s after %s",
                whom,
                figure.isBounded() ? "(epsilon, delta)-differential privacy with" : "no differential privacy,",
                number(figure.epsilon().lower(), RoundingMode.FLOOR),
                number(figure.epsilon().upper(), RoundingMode.CEILING),
                privacyDelta,
                model == PrivacyModel.CORRELATED
                        ? "all rounds of its plan"
                        : rounds() + " " + model.unitOfCharge() + "s");
    }

    private String heldAgainst() {
        if (model.isOfClients()) {
            return "";
        }
        return trustingRounds == 0
                ? ", held against " + (model == PrivacyModel.DISTRIBUTED ? "the server" : "members of a cohort")
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
                .map(charge -> charge.getValue() + " with "
                        + model.inItsWords(charge.getKey().text()))
                .collect(Collectors.joining("; "));
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

    /** Where no kind is named, the release is that of a sampled Gaussian. */
    private static String releaseJson(Map.Entry<PrivacyEvent, Long> charge) {
        PrivacyEvent event = charge.getKey();
        String kind = event instanceof SampledGaussian ? "" : ",\"kind\":" + quoted(event.kind());
        return event.figures().entrySet().stream()
                .map(figure -> "," + quoted(figure.getKey()) + ":" + json(figure.getValue()))
                .collect(Collectors.joining("", "{\"rounds\":" + charge.getValue() + kind, "}"));
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
        /** Clients add noise under masks; the server never has a sum without it, if no more clients collude than assumed. */
        DISTRIBUTED,
        /**
         * As {@link #CENTRAL}, with noise that is correlated over the rounds: all of them are one release, charged at the first. The
         * server must be trusted with the seeds of the noise, too.
         */
        CORRELATED,
        /** Each client adds noise to its own update; no other party must be trusted. */
        LOCAL,
        /** Each client adds noise to its gradients and hides each of its examples; no other party must be trusted. */
        EXAMPLE;

        String unit() {
            return this == EXAMPLE
                    ? "one example of the client, in every step it was part of"
                    : "one client, with everything it ever contributed";
        }

        /** What a charge is of. */
        String unitOfCharge() {
            return switch (this) {
                case EXAMPLE -> "step";
                case CORRELATED -> "seed";
                case CENTRAL, DISTRIBUTED, LOCAL -> "round";
            };
        }

        /** Whether each client has an account of its own, and all observers are alike. */
        boolean isOfClients() {
            return this == LOCAL || this == EXAMPLE;
        }

        /** A description of a release of clients, or of one of examples. */
        String inItsWords(String release) {
            return this == EXAMPLE
                    ? release.replace("as long as the cohort", "as long as the batch")
                            .replace("every client took part", "every example took part")
                    : release;
        }

        /** Whose a journal is. */
        String accounts() {
            return switch (this) {
                case CENTRAL, DISTRIBUTED, CORRELATED -> "of a run";
                case LOCAL -> "of clients under local differential privacy";
                case EXAMPLE -> "of clients under example-level differential privacy";
            };
        }

        /** Of a run in which the server added the noise of some round. */
        PrivacyModel ofServersNoise() {
            return this == DISTRIBUTED ? CENTRAL : this;
        }

        String mechanism() {
            return switch (this) {
                case CENTRAL, CORRELATED, LOCAL, EXAMPLE ->
                    "exact discrete Gaussian noise on integers, from AES-256-CTR";
                case DISTRIBUTED ->
                    "noise on integers at every client, of the law that the rule names, from AES-256-CTR";
            };
        }

        String adjacency() {
            return switch (this) {
                case CENTRAL, DISTRIBUTED, CORRELATED ->
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
                case CENTRAL, DISTRIBUTED, CORRELATED ->
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
                case DISTRIBUTED ->
                    "the sum of a round against a server that knows the noise of more clients, or is helped by more clients that add"
                            + " none, than the adversarial share of the cohort that the secure sum assumes; clients simulated in the"
                            + " server's process are not protected from it";
                case CORRELATED ->
                    CENTRAL.gap()
                            + "; the seeds of the noise, which the server is trusted with: with the released weights they"
                            + " show the sum of every round";
                case LOCAL -> "that the client took part or failed, and when";
                case EXAMPLE ->
                    "that the client took part or failed, when, and how long single steps took; what the client is like as"
                            + " a whole; a person with several examples, whom the stated epsilon holds only one by one";
            };
        }
    }
}
