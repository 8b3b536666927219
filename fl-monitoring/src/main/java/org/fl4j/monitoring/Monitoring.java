package org.fl4j.monitoring;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run in any number of places: joins what the server and evaluations tell of a round, and hands it to sinks.
 *
 * <pre>{@code
 * try (Monitoring monitoring = Monitoring.to(CsvSink.in(Path.of("rounds.csv")), HtmlReport.in(Path.of("reports")))) {
 *     FederatedServer server = builder.listeners(
 *                     CentralEvaluation.every(5, models, heldOut, monitoring.evaluations("central")), monitoring)
 *             .build();
 *     server.run(state, 100);
 * }
 * }</pre>
 *
 * <p>A round is handed on when the next one starts or the run ends, so evaluations may be registered before this or after.
 *
 * <p>Privacy: sinks get what the run's {@link Disclosure} lets out and nothing else. Under a private rule that is what it
 * released: no client, no number of clients, no bytes or times that follow from it, no seed. What evaluations say is the
 * host's to answer for.
 *
 * <p>One run at a time. A sink that fails is logged once and counted; the run continues.
 */
public final class Monitoring implements RoundListener, AutoCloseable {

    private static final Set<String> TAKEN =
            Set.of("training", "rule", "clients", "traffic", "time", "round", "run", "outcome", "reason");

    private final Outlets outlets;
    private final Function<ServerState, Map<String, Double>> figures;
    private final Map<String, String> parameters;
    private final RoundJoin join;

    private Monitoring(
            Outlets outlets,
            Function<ServerState, Map<String, Double>> figures,
            Map<String, String> parameters,
            InstantSource clock) {
        this.outlets = outlets;
        this.figures = figures;
        this.parameters = parameters;
        this.join = new RoundJoin(outlets, figures, clock);
    }

    /**
     * A run that is seen in these places.
     *
     * @param sinks are told in this order, and closed with this
     * @return to be given to the server's builder
     */
    public static Monitoring to(RunSink... sinks) {
        return to(InstantSource.system(), sinks);
    }

    static Monitoring to(InstantSource clock, RunSink... sinks) {
        return new Monitoring(new Outlets(List.of(sinks)), state -> Map.of(), Map.of(), clock);
    }

    /**
     * Returns a copy that also records figures of the state after each round, such as epsilon:
     *
     * <pre>{@code
     * monitoring.withFigures(state ->
     *         Map.of("privacy.epsilon", rule.statement(state.ledger(), 1e-5).againstMembers().epsilon().upper()))
     * }</pre>
     *
     * @param more by names of words with dots between them; called on the thread that runs the rounds, whose time it takes
     * @return a copy with the same sinks, to be used in place of this one
     */
    public Monitoring withFigures(Function<ServerState, Map<String, Double>> more) {
        return new Monitoring(
                outlets,
                state -> {
                    Map<String, Double> all = new LinkedHashMap<>(figures.apply(state));
                    all.putAll(more.apply(state));
                    return all;
                },
                parameters,
                join.clock());
    }

    /**
     * Returns a copy that also records what the host says of the run, such as its learning rate.
     *
     * @param more by name; no secrets
     * @return a copy with the same sinks, to be used in place of this one
     */
    public Monitoring withParameters(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(parameters);
        all.putAll(more);
        return new Monitoring(outlets, figures, all, join.clock());
    }

    /**
     * Where an evaluation goes.
     *
     * @param name one word, such as {@code central}
     * @return to be given to {@code CentralEvaluation} or {@code FederatedEvaluation}
     * @throws IllegalArgumentException if the name is not of letters, digits, underscores and hyphens, or has another meaning
     */
    public Evaluation.Listener evaluations(String name) {
        requireFree(name);
        return (round, evaluation) -> join.add(round, into -> into.addEvaluation(name, evaluation));
    }

    /**
     * Where a distribution over clients goes.
     *
     * @param name one word, such as {@code federated}
     * @return to be given to {@code FederatedEvaluation.withDistribution}
     * @throws IllegalArgumentException as {@link #evaluations}
     */
    public ClientDistribution.Listener distributions(String name) {
        requireFree(name);
        return (round, clients) -> join.add(round, into -> into.addDistribution(name, clients));
    }

    /**
     * How often a sink or the host's figures failed, or something came that could not be recorded.
     *
     * @return 0 if all is there; what a network sink dropped is counted by the sink
     */
    public long failures() {
        return outlets.failures();
    }

    @Override
    public void runDiscloses(Disclosure disclosure) {
        join.runDiscloses(disclosure);
    }

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
        join.runStarted(from, rounds, new Parameters(parameters, provenance));
    }

    @Override
    public void roundStarted(int round) {
        join.roundStarted(round);
    }

    @Override
    public void roundEnded(RoundResult result) {
        join.roundEnded(result);
    }

    @Override
    public void runEnded() {
        join.handOn();
        outlets.tell(RunSink::runEnded);
    }

    /** Hands on what is left and closes the sinks, each within the time that it states. */
    @Override
    public void close() {
        join.handOn();
        outlets.tell(RunSink::close);
    }

    /** For the log of a server whose listener this is. */
    @Override
    public String toString() {
        return "Monitoring" + outlets;
    }

    private static void requireFree(@Nullable String name) {
        if (name == null || name.indexOf('.') >= 0 || !RoundRecord.isName(name) || TAKEN.contains(name)) {
            throw new IllegalArgumentException(
                    "an evaluation's name must be one word of letters, digits, underscores and"
                            + " hyphens, and none of " + TAKEN.stream().sorted().toList() + ", but was '" + name + "'");
        }
    }
}
