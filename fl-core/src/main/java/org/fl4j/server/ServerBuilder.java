package org.fl4j.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.compression.Downlink;
import org.fl4j.compression.Uplink;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.model.LocalTraining;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.EvaluationTerms;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;

/**
 * Builds a server: clients, local training, selection, policy. Required are {@link #clients} and {@link #localTraining};
 * {@link #build()} says what does not fit together.
 *
 * <p>Not thread-safe.
 */
public sealed class ServerBuilder permits OpenServerBuilder {

    /** How many threads at most a server's own runner gives to clients that {@linkplain ClientProvider#areRemote are remote}. */
    public static final int REMOTE_THREADS = 256;

    private final Aggregator rule;
    private RoundContext.CohortVisibility visibility;
    private @Nullable ClientProvider clients;
    private @Nullable LocalTraining localTraining;
    private @Nullable LearningRateSchedule learningRates;
    private @Nullable ObjectiveSpec objective;
    private PersonalTraining personal = PersonalTraining.JOINT;
    private Uplink uplink = Uplink.NONE;
    private Downlink downlink = Downlink.NONE;
    private Optional<ModelWeights> frozen = Optional.empty();
    private Optional<Validation> validation = Optional.empty();
    private Optional<Duration> timeBudget = Optional.empty();
    private ClientSelector selector = ClientSelector.all();
    private ServerOptimizer optimizer = ServerOptimizer.plain();
    private RoundPolicy policy = RoundPolicy.DEFAULT;
    private @Nullable AsynchronousRounds asynchronous;
    private boolean participationPublic;
    private boolean revealsFailures;
    private @Nullable ClientRunner runner;
    private final List<RoundListener> listeners = new ArrayList<>();
    private @Nullable CheckpointStore checkpoints;

    /**
     * @param visibility who learns of a cohort from taking part
     */
    ServerBuilder(Aggregator rule, RoundContext.CohortVisibility visibility) {
        this.rule = rule;
        this.visibility = visibility;
    }

    /** Sets the population: ids and a way to each client. Required. */
    public ServerBuilder clients(ClientProvider population) {
        clients = population;
        return this;
    }

    /** Sets how clients train in a round. Required. */
    public ServerBuilder localTraining(LocalTraining how) {
        localTraining = how;
        return this;
    }

    /**
     * Sets a learning rate for local training that changes with the round, in place of the one in {@link #localTraining}.
     */
    public ServerBuilder learningRates(LearningRateSchedule schedule) {
        learningRates = schedule;
        return this;
    }

    /**
     * What clients minimise, for rules that carry no objective of their own.
     *
     * @param minimised looked up by its name among the objectives that the clients know
     *     ({@link ClientProvider#withObjective})
     */
    public ServerBuilder objective(ObjectiveSpec minimised) {
        objective = minimised;
        return this;
    }

    /** For {@link OpenServerBuilder}. */
    void encodingBy(Uplink how) {
        uplink = how;
    }

    /** Sets what clients do for themselves; {@link PersonalTraining#JOINT} unless set. */
    public ServerBuilder personal(PersonalTraining how) {
        personal = how;
        return this;
    }

    /**
     * Sets how the global weights travel to the clients; as they are unless set. Deltas are for clients that remember, here or
     * {@linkplain ClientProvider#rememberingElsewhere elsewhere}.
     */
    public ServerBuilder downlink(Downlink how) {
        downlink = how;
        return this;
    }

    /**
     * Sends each client the FROZEN parameters with its first task, and with further ones until an update of it is accepted; clients elsewhere
     * then need not build their models with them. Unless called, they are never sent.
     *
     * @param parameters {@link org.fl4j.model.PersonalModel#frozen}
     */
    public ServerBuilder frozen(ModelWeights parameters) {
        frozen = Optional.of(parameters);
        return this;
    }

    /** Sets who is chosen; {@link ClientSelector#all} unless set. */
    public ServerBuilder selector(ClientSelector choice) {
        selector = choice;
        return this;
    }

    /** Sets by what the global weights are judged after each round, and what follows from it. */
    public ServerBuilder validation(Validation how) {
        validation = Optional.of(how);
        return this;
    }

    /**
     * Ends the run after the round by which this time has passed: of the runner's where it {@linkplain ClientRunner#countsTime counts} it,
     * otherwise the time that rounds took, over all parts of a run that was resumed.
     *
     * <p>Privacy: time follows from who took part, so a private rule rejects it unless {@link #participationCountsArePublic} was called.
     *
     * @param limit positive
     */
    public ServerBuilder timeBudget(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("timeBudget must be positive, but was " + limit);
        }
        timeBudget = Optional.of(limit);
        return this;
    }

    /** Sets how the server steps; {@link ServerOptimizer#plain} unless set. */
    public ServerBuilder optimizer(ServerOptimizer step) {
        optimizer = step;
        return this;
    }

    /** Sets when a round is over and whether it counts; {@link RoundPolicy#DEFAULT} unless set. */
    public ServerBuilder policy(RoundPolicy rules) {
        policy = rules;
        return this;
    }

    /**
     * Lets rounds wait for no cohort. {@link #build} rejects what needs one: secure rules, over-selection, minUpdates, retries,
     * objectives whose clients remember, selectors that cannot fill places one by one, runners that open no {@link
     * org.fl4j.client.TaskStream}.
     *
     * @param rounds how many clients are at work, and when the server steps
     */
    public ServerBuilder asynchronous(AsynchronousRounds rounds) {
        asynchronous = rounds;
        return this;
    }

    /**
     * Declares, for a private rule, that how many clients took part in a round is public knowledge. Without this a
     * private rule rejects {@code minUpdates} and retries, as whether a round is abandoned, or attempted again, would
     * depend on who took part. With it, every
     * round is accounted for without amplification by sampling: given the cohort's size, the sum is no longer one over
     * independent clients. So {@link ClientSelector#poisson} is rejected where the budget would have been kept by the
     * amplified figure.
     */
    public ServerBuilder participationCountsArePublic() {
        participationPublic = true;
        return this;
    }

    /**
     * Declares, for a private rule under masks, that the clients of a cohort are trusted not to use what they learn of it.
     * In a masked sum every member learns the cohort's size, on the complete graph every id, so sampling hides no client from
     * them. Without this the budget counts every round without amplification; with it, it is kept by the amplified figure,
     * which then holds against outsiders only. Both figures are in the rule's statement either way.
     *
     * <p>Outsiders learn something of the cohort's size, too: that a masked round recovered a sum says that it reached the
     * smallest workable size, and given that a client was sampled with a probability a little above q. Of 5,000 clients at
     * q = 0.01 and no cohort below 50, every second cohort is too small, and it is some 1.1 q. Choose q and population so that
     * such cohorts are rare.
     *
     * @throws IllegalStateException if the rule is not secure: then members learn nothing of a cohort
     */
    public ServerBuilder cohortMembersAreTrusted() {
        if (!(rule instanceof SecureAggregator)) {
            throw new IllegalStateException("cohortMembersAreTrusted() needs a secure rule, but was called for " + rule
                    + ", under which clients learn nothing of their cohort; leave it out");
        }
        visibility = RoundContext.CohortVisibility.TRUSTED_MEMBERS;
        return this;
    }

    /**
     * Logs, under a private rule, each client that did not complete and why: one warning each, from the logger of
     * {@link FederatedServer}. For finding out why such a run learns nothing, while it is set up.
     *
     * <p>Privacy: what is logged is not covered by the rule's guarantee. It reveals who was in the cohort and did not
     * complete, and what its code threw, which may hold anything of its data; where cohorts are drawn at random, it also
     * voids the amplification by sampling. Every reader of the log must be entitled to know that. Without a private rule
     * it changes nothing: report and log name such clients anyway.
     */
    public ServerBuilder revealingClientFailuresToOperator() {
        revealsFailures = true;
        return this;
    }

    /**
     * What carries the work to the clients. Unless set, an {@link InProcessRunner} that the server closes, with as many threads
     * as there are processors, or as clients in the cohort and at most {@value #REMOTE_THREADS} where they
     * {@linkplain ClientProvider#areRemote are remote}. Under over-selection or a deadline, and for remote clients, its
     * window is what fits into a third of the heap, so that a straggler does not hold up the clients after it.
     *
     * @param carrier the runner; the caller closes it
     */
    public ServerBuilder runner(ClientRunner carrier) {
        runner = carrier;
        return this;
    }

    /** Adds listeners, which are told how the run goes in this order. */
    public ServerBuilder listeners(RoundListener... more) {
        Collections.addAll(listeners, more);
        return this;
    }

    /**
     * Where the state is saved after every round. To resume, pass {@link CheckpointStore#latest} to
     * {@link FederatedServer#run}.
     */
    public ServerBuilder checkpoints(CheckpointStore store) {
        checkpoints = store;
        return this;
    }

    /**
     * The server.
     *
     * @return to be closed
     * @throws IllegalStateException if something required is missing or two settings exclude each other
     */
    public FederatedServer build() {
        ClientProvider given = required(clients, "clients");
        boolean isToHold = downlink.asDeltas() || frozen.isPresent();
        boolean tasksRemember = personal.remembers() || uplink.errorFeedback() || isToHold;
        ClientProvider population = tasksRemember ? given.remembering() : given;
        population = rule.localObjective().map(population::withObjective).orElse(population);
        if (!uplink.isNone() && rule.isPrivate()) {
            throw new IllegalStateException(
                    "the rule " + rule + " is private; compress what it sums by a LinearCodec inside of it, as "
                            + uplink + " is for updates that the server sees");
        }
        if (timeBudget.isPresent() && rule.isPrivate() && !participationPublic) {
            throw new IllegalStateException("a private rule rejects a time budget, here " + timeBudget.get()
                    + ": how many rounds fit into it would show who took part; call participationCountsArePublic() if that is"
                    + " acceptable");
        }
        LocalTraining how = required(localTraining, "localTraining");
        boolean countsTime = runner != null && runner.countsTime();
        new PolicyCheck(rule, selector, policy, visibility).run(participationPublic, countsTime);
        Optional<AsynchronousRounds> rounds = Optional.ofNullable(asynchronous);
        if (isToHold && population.clientStates() == ClientStateStore.none()) {
            throw new IllegalStateException((downlink.asDeltas() ? "downlink(" + downlink + ")" : "frozen(...)")
                    + " is by what each client holds, but these clients have no store for that; use Population.over or"
                    + " ClientProvider.local, or call rememberingElsewhere on clients that are elsewhere");
        }
        if (rounds.isPresent()) {
            new AsynchronyCheck(rule, selector, policy, rounds.get())
                    .run(
                            population.ids().size(),
                            tasksRemember || given.remember(),
                            downlink,
                            validation,
                            Optional.ofNullable(runner));
        }
        ObjectiveSpec minimised = objectiveOfAll();
        if (runner != null) {
            runner.objection(population).ifPresent(why -> {
                throw new IllegalStateException("the runner " + runner + " cannot take work to these clients: " + why);
            });
        }
        population.objection(minimised).ifPresent(why -> {
            throw new IllegalStateException("no client of this JVM can train: " + why);
        });
        BusyClients busy = new BusyClients();
        joinEvaluations(busy);
        OwnRunner own = runner == null ? ownRunner(population) : null;
        ServerSettings settings = new ServerSettings(
                population,
                selector,
                participationPublic ? RoundContext.CohortVisibility.EVERYBODY : visibility,
                how,
                learningRates == null ? LearningRateSchedule.constant(how.learningRate()) : learningRates,
                minimised,
                personal,
                uplink,
                downlink,
                frozen,
                validation,
                timeBudget.map(limit -> new TimeBudget(limit, countsTime && !rule.isPrivate())),
                optimizer,
                policy,
                rounds,
                own == null ? always(required(runner, "runner")) : own::forUpdatesOf,
                busy,
                rounds.isPresent() ? ClientStateStore.none() : population.clientStates(),
                revealsFailures,
                List.copyOf(listeners),
                Optional.ofNullable(checkpoints));
        return new FederatedServer(rule, settings, Optional.ofNullable(own));
    }

    private void joinEvaluations(BusyClients busy) {
        boolean isSecure = rule instanceof SecureAggregator;
        EvaluationTerms terms = new EvaluationTerms(
                policy.deadline(),
                busy,
                rule.isPrivate(),
                !rule.isPrivate() || revealsFailures,
                frozen,
                rule.isPrivate() || isSecure
                        ? Optional.of(
                                "a " + (rule.isPrivate() ? "private" : "secure") + " rule, " + rule + ", hides them")
                        : Optional.empty());
        validation.ifPresent(its -> its.joins(terms));
        for (RoundListener listener : listeners) {
            if (listener instanceof FederatedEvaluation evaluation) {
                evaluation.joins(terms);
            }
        }
    }

    private OwnRunner ownRunner(ClientProvider population) {
        Runtime runtime = Runtime.getRuntime();
        return new OwnRunner(population, policy, runtime.availableProcessors(), runtime.maxMemory());
    }

    private static LongFunction<ClientRunner> always(ClientRunner runner) {
        return bytes -> runner;
    }

    private ObjectiveSpec objectiveOfAll() {
        if (objective == null) {
            return rule.objective();
        }
        if (!rule.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)) {
            throw new IllegalStateException("the rule already carries the objective " + rule.objective()
                    + "; objective(" + objective + ") cannot be set beside it");
        }
        return objective;
    }

    private static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalStateException(name + "(...) was not called on the builder");
        }
        return value;
    }
}
