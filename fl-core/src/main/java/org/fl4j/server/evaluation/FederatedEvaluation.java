package org.fl4j.server.evaluation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.EvaluationTask;
import org.fl4j.internal.Check;
import org.fl4j.internal.Texts;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.Statistics;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.EvaluationTerms;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evaluates the global weights, or {@linkplain #ofOwnModels what clients have for themselves}, on each client's own data, every
 * k rounds, after the last of those asked for, and where the budget guard refuses a further one: counts added, losses weighted by examples. A run that a
 * {@linkplain RoundListener#endsRunAfter listener} or a {@link FederatedServer.RunAbandonedException} ends before has no evaluation of its
 * last round beyond every k-th. All clients are asked, or a {@linkplain #withSample sample}.
 *
 * <p>It ends after the {@linkplain RoundPolicy#deadline deadline} of the server it is given to, unless it has
 * {@linkplain #withDeadline one of its own}. A client that fails, is late, or is still at work on a round or an earlier
 * evaluation is left out, with a warning; so is one that answers with another number of classes than those before it, or with other
 * statistics than it was asked for.
 *
 * <p>Privacy: the sums are released as they are, without noise. Under a private rule that needs no declaration, as they decide nothing by
 * themselves (a {@link Measure} of them does); they are not covered by its guarantee, whose statement lists them among what is not protected, and
 * warnings name no client and no count. How clients differ is released only {@linkplain #withDistribution on request}, and under a
 * private or a secure rule only if the host {@linkplain #revealingDistribution says so by name}.
 *
 * <p>One run at a time, of one server.
 */
public final class FederatedEvaluation implements RoundListener {

    private static final Logger LOG = LoggerFactory.getLogger(FederatedEvaluation.class);

    private static final String NO_SERVER =
            "the rule is not known, as no server was given this evaluation itself as a listener";

    private final int every;
    private final EvaluationRounds rounds;
    private final ClientProvider clients;
    private final ClientRunner runner;
    private final Evaluation.Listener listener;
    private final Optional<Duration> deadline;
    private final OptionalInt sample;
    private final Asked of;
    private final Distribution distribution;
    private volatile EvaluationTerms terms = new EvaluationTerms(
            ClientRunner.Limits.NO_DEADLINE, new BusyClients(), false, true, Optional.empty(), Optional.of(NO_SERVER));

    /** Which weights are evaluated, and what is collected for the metrics of the sum. */
    private record Asked(EvaluationTask.Evaluated weights, StatisticsSpec statistics) {}

    /**
     * How clients differ: by what, who is told of it, whether the host declared that this may be revealed, and that the sums may decide about the
     * run.
     */
    private record Distribution(
            Optional<Metric> metric,
            Optional<ClientDistribution.Listener> listener,
            boolean revealed,
            boolean decides) {

        static final Distribution NONE = new Distribution(Optional.empty(), Optional.empty(), false, false);

        Optional<ClientDistribution> of(List<Evaluation> each) {
            return metric.isPresent() ? ClientDistribution.of(metric.get(), each) : ClientDistribution.of(each);
        }

        StatisticsSpec needs() {
            return metric.map(Metric::needs).orElse(StatisticsSpec.NONE);
        }
    }

    private FederatedEvaluation(
            int every,
            ClientProvider clients,
            ClientRunner runner,
            Evaluation.Listener listener,
            Optional<Duration> deadline,
            OptionalInt sample,
            Asked of,
            Distribution distribution) {
        this.every = every;
        this.rounds = new EvaluationRounds(every);
        this.clients = clients;
        this.runner = runner;
        this.listener = listener;
        this.deadline = deadline;
        this.sample = sample;
        this.of = of;
        this.distribution = distribution;
    }

    /**
     * An evaluation every few rounds.
     *
     * @param every how many rounds apart, at least 1
     * @param clients who evaluates: all of them, unless {@link #withSample} says otherwise
     * @param runner carries the work to them
     * @param listener gets the sums
     * @return to be given to the server's builder
     * @throws IllegalArgumentException if the runner cannot take work to these clients
     */
    public static FederatedEvaluation every(
            int every, ClientProvider clients, ClientRunner runner, Evaluation.Listener listener) {
        runner.objection(clients).ifPresent(why -> {
            throw new IllegalArgumentException("the runner " + runner + " cannot take work to these clients: " + why);
        });
        return new FederatedEvaluation(
                every,
                clients,
                runner,
                listener,
                Optional.empty(),
                OptionalInt.empty(),
                new Asked(EvaluationTask.Evaluated.GLOBAL, StatisticsSpec.NONE),
                Distribution.NONE);
    }

    /**
     * Returns a copy with a deadline of its own.
     *
     * @param time from the start of an evaluation, positive; {@link ClientRunner.Limits#NO_DEADLINE} to wait for every client
     * @return a copy, to be given to the server's builder in place of this one
     * @throws IllegalArgumentException if the time is not positive
     */
    public FederatedEvaluation withDeadline(Duration time) {
        return new FederatedEvaluation(
                every, clients, runner, listener, Optional.of(limits(time).deadline()), sample, of, distribution);
    }

    /**
     * Returns a copy for some of the clients: a uniform sample without replacement, drawn afresh for each evaluation
     * from the run's seed and the round.
     *
     * @param size how many, at least 1; all where there are fewer
     * @return a copy, to be given to the server's builder in place of this one
     * @throws IllegalArgumentException if the size is below 1
     */
    public FederatedEvaluation withSample(int size) {
        Check.atLeast("size", size, 1);
        return new FederatedEvaluation(
                every, clients, runner, listener, deadline, OptionalInt.of(size), of, distribution);
    }

    /**
     * Returns a copy that evaluates each client's own model, such as Ditto's, in place of the global one. LOCAL parameters are the
     * client's own either way.
     *
     * @return a copy, to be given to the server's builder in place of this one or beside it
     */
    public FederatedEvaluation ofOwnModels() {
        return with(new EvaluationTask.Evaluated(true, of.weights().fineTuning(), 0));
    }

    /**
     * Returns a copy that evaluates after fine-tuning: each client first trains the weights on its data, and forgets them afterwards.
     *
     * @param how extent, batch size and learning rate; what is random in it follows from the run's seed, the round and the client
     * @return a copy, to be given to the server's builder in place of this one or beside it
     */
    public FederatedEvaluation fineTuned(LocalTraining how) {
        return with(new EvaluationTask.Evaluated(of.weights().own(), Optional.of(how), 0));
    }

    private FederatedEvaluation with(EvaluationTask.Evaluated which) {
        return with(new Asked(which, of.statistics()));
    }

    /**
     * Returns a copy that collects statistics for metrics of the sum.
     *
     * <p>Privacy: the server sees each client's, as it does counts and losses; {@link Statistics} says what they tell.
     *
     * @param statistics such as {@code StatisticsSpec.forMetrics(Metric.ROC_AUC)}
     * @return a copy, to be given to the server's builder in place of this one
     */
    public FederatedEvaluation collecting(StatisticsSpec statistics) {
        return with(new Asked(of.weights(), statistics));
    }

    private FederatedEvaluation with(Asked other) {
        return new FederatedEvaluation(every, clients, runner, listener, deadline, sample, other, distribution);
    }

    /**
     * Returns a copy that also tells how clients differ: mean, 10th percentile and worst over the clients that the sum is of.
     * Where none of them has examples, that listener is not called.
     *
     * <p>Privacy: under a private or a secure rule {@code build()} refuses it, unless {@link #revealingDistribution} was
     * called, as the worst of a cohort is one client.
     *
     * @param those is told after the listener of the sums
     * @return a copy, to be given to the server's builder in place of this one
     */
    public FederatedEvaluation withDistribution(ClientDistribution.Listener those) {
        return with(new Distribution(
                Optional.empty(), Optional.of(those), distribution.revealed(), distribution.decides()));
    }

    /**
     * Returns a copy that also tells how clients differ by a metric, as {@link #withDistribution(ClientDistribution.Listener)} does by their
     * accuracies. What the metric needs is collected.
     *
     * @param metric is compared; clients for which it is not defined do not count
     * @param those is told after the listener of the sums
     * @return a copy, to be given to the server's builder in place of this one
     */
    public FederatedEvaluation withDistribution(Metric metric, ClientDistribution.Listener those) {
        return with(new Distribution(
                Optional.of(metric), Optional.of(those), distribution.revealed(), distribution.decides()));
    }

    /**
     * Returns a copy whose {@linkplain #withDistribution distribution} is released under a private or a secure rule as well. It is
     * not covered by the guarantee of a private rule, whose statement lists it among what is not protected.
     *
     * @return a copy, to be given to the server's builder in place of this one
     */
    public FederatedEvaluation revealingDistribution() {
        return with(new Distribution(distribution.metric(), distribution.listener(), true, distribution.decides()));
    }

    /**
     * Returns a copy by which a {@link Measure} may judge a run under a private rule: how members fare then decides how long the run is and which
     * model is kept. The guarantee does not cover that, and the rule's statement lists it among what is not protected.
     *
     * @return a copy, to be given to {@link Measure#federated}
     */
    public FederatedEvaluation revealingMembersEvaluation() {
        return with(new Distribution(distribution.metric(), distribution.listener(), distribution.revealed(), true));
    }

    private FederatedEvaluation with(Distribution other) {
        return new FederatedEvaluation(every, clients, runner, listener, deadline, sample, of, other);
    }

    /**
     * Called by the builder of the server that this evaluation is given to.
     *
     * @throws IllegalStateException if it has a distribution that the server's rule does not let out
     */
    public void joins(EvaluationTerms ofServer) {
        requireAllowed(ofServer);
        terms = ofServer;
    }

    /** Called for a {@link Measure} by this evaluation. */
    void joinsAsMeasure(EvaluationTerms ofServer) {
        if (ofServer.isPrivate() && !distribution.decides()) {
            throw new IllegalStateException(
                    "Measure.federated(...) lets clients' data decide how long the run is and which model is"
                            + " kept, but the rule is private; measure on public data with Measure.central or by what the rule releases"
                            + " with Measure.reported, or call revealingMembersEvaluation() on the evaluation if that is acceptable");
        }
        terms = ofServer;
    }

    private void requireAllowed(EvaluationTerms those) {
        if (distribution.listener().isPresent() && !distribution.revealed()) {
            those.hidesClients().ifPresent(who -> {
                throw new IllegalStateException(
                        "FederatedEvaluation.withDistribution(...) would show how single clients fare, but " + who
                                + "; leave it out, or call revealingDistribution() on the evaluation if that is acceptable");
            });
        }
    }

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int asked) {
        rounds.runStarted(from, asked);
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (!rounds.isDue(result)) {
            return;
        }
        requireAllowed(terms);
        Evaluated evaluated = evaluated(result.state());
        int round = result.state().round();
        listener.evaluated(round, evaluated.sum());
        distribution
                .listener()
                .ifPresent(those -> distribution
                        .of(evaluated.each())
                        .ifPresent(distributed -> those.evaluated(round, distributed)));
    }

    /** Returns a copy that collects what a {@link Measure} needs as well. */
    FederatedEvaluation alsoCollecting(StatisticsSpec more) {
        return collecting(of.statistics().and(more));
    }

    /** How many rounds apart. */
    int interval() {
        return every;
    }

    /** The sum over clients, of a state that a {@link Measure} asks for. */
    Evaluation evaluate(ServerState state) {
        return evaluated(state).sum();
    }

    private record Evaluated(Evaluation sum, List<Evaluation> each) {}

    private Evaluated evaluated(ServerState state) {
        EvaluationTask task = new EvaluationTask(
                        state.round(),
                        state.weights(),
                        of.weights().withSeed(Seeds.derive(state.seed(), state.round(), "evaluation")))
                .collecting(of.statistics().and(distribution.needs()));
        List<String> leftOut = new ArrayList<>();
        List<Evaluation> added = new ArrayList<>();
        Evaluation[] sum = {Evaluation.NONE};
        List<ClientId> asked = asked(state);
        runner.<Evaluation>run(
                asked,
                new Evaluating(clients, terms, task),
                limits(deadline.orElse(terms.deadline())),
                outcome -> sum[0] = plus(sum[0], outcome, task.statistics(), added, leftOut));
        if (!leftOut.isEmpty()) {
            LOG.warn(
                    "the evaluation of round {} leaves out {}",
                    task.round(),
                    terms.isOpen()
                            ? leftOut.size() + " of " + asked.size() + " clients: " + Texts.firstOf(leftOut)
                            : "clients that did not answer");
        }
        return new Evaluated(sum[0], added);
    }

    private static ClientRunner.Limits limits(Duration time) {
        return new ClientRunner.Limits(time, Integer.MAX_VALUE);
    }

    private List<ClientId> asked(ServerState state) {
        List<ClientId> all = clients.ids();
        if (sample.isEmpty()) {
            return all;
        }
        long seed = Seeds.derive(state.seed(), state.round(), "evaluation");
        return ClientSelector.uniform(sample.getAsInt())
                .select(new ClientSelector.Context(state.round(), all, 0, ComponentState.EMPTY, seed))
                .cohort();
    }

    private Evaluation plus(
            Evaluation sum,
            ClientOutcome<Evaluation> outcome,
            StatisticsSpec statistics,
            List<Evaluation> added,
            List<String> leftOut) {
        if (outcome instanceof ClientOutcome.Completed<Evaluation> completed) {
            try {
                Evaluation total = sum.plus(statistics.requireOf(completed.result()));
                if (distribution.listener().isPresent()) {
                    added.add(completed.result());
                }
                return total;
            } catch (IllegalArgumentException e) {
                leftOut.add("client '" + completed.client() + "': " + e.getMessage());
            }
        } else {
            leftOut.add(outcome.describe());
        }
        return sum;
    }
}
