package org.fl4j.server;

import java.io.UncheckedIOException;
import java.util.Optional;
import org.fl4j.FederatedLearningException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivateAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;

/**
 * Runs rounds: select a cohort, let it train, combine the updates, step.
 *
 * <pre>{@code
 * try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
 *         .clients(population)
 *         .selector(ClientSelector.uniform(10))
 *         .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
 *         .build()) {
 *     RoundResult end = server.run(ServerState.initial(weights, 42), 100);
 *     end.state().weights().save(Path.of("model.fl4j"));
 * }
 * }</pre>
 *
 * <p>The server keeps nothing between rounds: all is in the {@link ServerState} that goes in and comes out, except for the tasks
 * under way of {@linkplain ServerBuilder#asynchronous asynchronous} private rounds, which a run keeps to itself. With the same
 * state, clients and settings the result has the same bits on any number of threads, as long as the same clients
 * complete (deadlines, over-selection and asynchronous rounds depend on time, unless it is virtual; {@link
 * RoundResult.Report#completed} says who did). While a run is
 * active, native code is pinned to one thread for the same reason. ND4J's reductions over whole arrays cannot be pinned
 * once the process runs: a network that clips gradients by their norm has the same bits on another number of cores only
 * with {@code OMP_NUM_THREADS=1} in the environment.
 *
 * <p>Thread-safe as far as its parts are. A checkpoint store or a client state store has one run at a time.
 */
public final class FederatedServer implements AutoCloseable {

    private final Aggregator rule;
    private final ServerSettings settings;
    private final Optional<OwnRunner> ownRunner;
    private final ActiveRuns active = new ActiveRuns();

    FederatedServer(Aggregator rule, ServerSettings settings, Optional<OwnRunner> ownRunner) {
        this.rule = rule;
        this.settings = settings;
        this.ownRunner = ownRunner;
    }

    /**
     * A server whose rule sees each update in the clear.
     *
     * @param rule how updates combine
     * @return the builder
     */
    public static OpenServerBuilder with(DirectAggregator rule) {
        return new OpenServerBuilder(rule);
    }

    /**
     * A server whose rule releases sums with noise.
     *
     * @param rule how updates combine
     * @return the builder
     */
    public static ServerBuilder with(PrivateAggregator rule) {
        return new ServerBuilder(rule, RoundContext.CohortVisibility.SERVER_ONLY);
    }

    /**
     * A server whose rule sees only masked sums.
     *
     * @param rule how updates combine
     * @return the builder
     */
    public static ServerBuilder with(SecureAggregator rule) {
        return new ServerBuilder(rule, RoundContext.CohortVisibility.MEMBERS);
    }

    /**
     * Runs rounds, and stops early if the guard refuses one, a listener asks for it, or the {@link Validation} or the time budget ends the run. If it throws, the rounds that ended before
     * are not lost where a checkpoint store saved them or a listener kept {@link RoundResult#state}.
     *
     * <p>Before anything is begun or written, all that outlives a process is checked to continue this state: the checkpoint
     * store, the client state store and the record of the rule's guard. A new run, with a state of round 0,
     * gets the random part of its {@link org.fl4j.state.RunId} here, the guard begins its record, if it keeps one, and then
     * that state is the first checkpoint.
     *
     * <p>Under a private rule a round is booked before it runs and stays spent where it then fails: a host that runs again
     * and again from the same state on a runner without a free thread, or with a checkpoint store that fails, spends a
     * journaled round each time.
     *
     * @param from where to start
     * @param rounds how many rounds, at least 1; abandoned ones count, with
     *     their retries as one
     * @return how the last round ended; its {@link RoundResult#state} is where to go on
     * @throws IllegalArgumentException if no round is asked for, or if no client here could train the first task
     *     ({@link org.fl4j.client.ClientProvider#objection}): an objective nobody knows, another layout
     * @throws RunAbandonedException if too many rounds in a row are abandoned ({@link RoundPolicy#maxAbandoned}), or several
     *     are and none advanced; a run of one round returns the {@link RoundResult.Abandoned}
     * @throws IllegalStateException if the server is closed, before or meanwhile; if a store belongs to another run, does
     *     not reach up to the state or is in use by another run
     * @throws org.fl4j.RunInterruptedException if the calling thread is interrupted, also during an operation on
     *     files; its flag stays set
     */
    public RoundResult run(ServerState from, int rounds) {
        Check.atLeast("rounds", rounds, 1);
        active.enter();
        try {
            checkClients(from);
            return claimedRun(from, from.drawn(), rounds);
        } catch (UncheckedIOException e) {
            throw endedByClose(RunInterruptedException.unlessFailed(e));
        } catch (RunInterruptedException e) {
            throw endedByClose(e);
        } finally {
            active.leave();
        }
    }

    private RuntimeException endedByClose(RuntimeException e) {
        return active.isClosed() && e instanceof RunInterruptedException
                ? new IllegalStateException("the server was closed during a run", e)
                : e;
    }

    @SuppressWarnings("try") // claims are held, not used
    private RoundResult claimedRun(ServerState asked, ServerState from, int rounds) {
        try (ClientStateStore.Claim states = settings.clientStates().claim(from.run(), from.round());
                ClientStateStore.Claim saved = settings.checkpoints()
                        .<ClientStateStore.Claim>map(store -> store.claim(from))
                        .orElse(() -> {})) {
            PrivacyBudgetGuard.Drawn drawn =
                    asked.run().isDrawn() ? PrivacyBudgetGuard.Drawn.EARLIER : PrivacyBudgetGuard.Drawn.NOW;
            rule.guard().ifPresent(guard -> guard.open(from.run(), drawn, from.round(), from.ledger()));
            if (from.round() == 0 || drawn == PrivacyBudgetGuard.Drawn.NOW) {
                settings.checkpoints().ifPresent(store -> store.save(from));
            }
            return rounds(from, rounds);
        }
    }

    private RoundResult rounds(ServerState from, int rounds) {
        AbandonedRounds abandoned = new AbandonedRounds(
                rule.isPrivate() ? Integer.MAX_VALUE : settings.policy().maxAbandoned());
        // Up to the maximum staleness, clients are at work on tasks of earlier rounds as they should.
        int spared = settings.asynchronous().map(how -> how.maxStaleness() - 1).orElse(0);
        RoundAnnouncer announcer = new RoundAnnouncer(
                settings.listeners(),
                settings.isOpen(rule) ? round -> settings.busy().sinceBefore(round - spared) : round -> 0);
        try (NativeThreads pinned = NativeThreads.pinToOne();
                RoundPlayer player = player(from, announcer)) {
            announcer.runStarted(settings.disclosure(rule), pinned.provenance(), from, rounds);
            try {
                return rounds(player, from, rounds, announcer, abandoned);
            } finally {
                announcer.runEnded();
            }
        }
    }

    private RoundResult rounds(
            RoundPlayer player, ServerState from, int rounds, RoundAnnouncer announcer, AbandonedRounds abandoned) {
        RoundResult result = round(player, from, announcer, abandoned);
        for (int i = 1; i < rounds && !(result instanceof RoundResult.Refused); i++) {
            if (announcer.isEndAsked(result) || isEnded(result.state(), announcer)) {
                break;
            }
            active.requireOpen();
            result = round(player, result.state(), announcer, abandoned);
        }
        abandoned.runEnded();
        return result;
    }

    /**
     * Runs up to a round of the training, from the newest checkpoint if the store has one. A program that calls this can be
     * stopped at any time and started again: it resumes where it was, and does nothing once that round is reached.
     *
     * @param round the last round, counted from the start of the training, abandoned ones included
     * @param initial where to start if the store has no checkpoint
     * @return the state after that round, or of an earlier one if the guard refuses a round, or a listener, the validation or the time
     *     budget ends the run; a run that the latter two have ended stays so
     * @throws IllegalStateException if the builder was given no checkpoint store, if the store's checkpoints are of a run
     *     from another start (seed, layout or initial weights), or if the server is closed
     * @throws IllegalArgumentException if the newest checkpoint is of a later round; otherwise as {@link #run}
     * @throws RunAbandonedException as {@link #run}
     * @throws org.fl4j.RunInterruptedException if the calling thread is interrupted
     */
    public ServerState runUntil(int round, ServerState initial) {
        CheckpointStore store = settings.checkpoints()
                .orElseThrow(() -> new IllegalStateException(
                        "checkpoints(...) was not called on the builder; runUntil resumes from there"));
        ServerState from = store.latest().orElse(initial);
        if (!from.run().isSameStart(initial.run())) {
            throw new IllegalStateException("the checkpoints are of run " + from.run()
                    + " but the initial state begins run "
                    + initial.run() + ": seed, layout or initial weights differ; is the model's own seed set? To begin"
                    + " afresh, give the run another folder");
        }
        if (from.round() > round) {
            throw new IllegalArgumentException("round must be at least " + from.round()
                    + ", that of the newest checkpoint, but was " + round
                    + "; it counts from the start of the training, not from the checkpoint");
        }
        return from.round() == round || ended(from).isPresent()
                ? from
                : run(from, round - from.round()).state();
    }

    /**
     * Ends the runs under way, on any runner, and the threads the server made itself. A runner given to the builder stays open. It
     * returns at once; each run ends with an {@link IllegalStateException} when the step under way returns: one operation on files,
     * one call of a listener or the selector, the rule's work on what has arrived, the optimizer's step. Clients are not waited for. Where
     * code of the host's swallows the interrupt, the run ends with its round.
     *
     * <p>What is on disk is the state before the round or after it: a run that resumes from the newest checkpoint continues with the same
     * bits, as after an interrupt of the run's thread.
     */
    @Override
    public void close() {
        active.close();
        ownRunner.ifPresent(OwnRunner::close);
    }

    /** What would fail every client in every round and does not depend on their data. */
    private void checkClients(ServerState from) {
        boolean continues = settings.asynchronous().isPresent() && !rule.isPrivate();
        if (!continues && !from.underWay().tasks().isEmpty()) {
            throw new IllegalArgumentException("the state of round " + from.round() + " has "
                    + from.underWay().tasks().size()
                    + " tasks of asynchronous rounds under way, which this server cannot continue; drop them with"
                    + " state.with(TasksUnderWay.NONE)");
        }
        settings.frozen().ifPresent(values -> requireFrozen(values, from));
        settings.asynchronous()
                .ifPresent(rounds -> UpdateBuffer.begin(rule, new Round(rule, settings, from).context(), rounds)
                        .close());
        TrainingTask task = new Round(rule, settings, from).sampleTask();
        settings.clients().objection(task).ifPresent(why -> {
            throw new IllegalArgumentException(
                    "round " + task.round() + " cannot be trained by the clients of this JVM: " + why);
        });
    }

    private static void requireFrozen(ModelWeights values, ServerState from) {
        String digest = from.weights().layout().frozen();
        if (!digest.equals(values.fingerprint())) {
            throw new IllegalArgumentException(
                    "frozen(...) must be the FROZEN parameters of the model that the state is of, "
                            + (digest.isEmpty() ? "which has none" : "whose digest is " + digest)
                            + ", but theirs is " + values.fingerprint());
        }
    }

    private RoundPlayer player(ServerState from, RoundAnnouncer announcer) {
        return settings.asynchronous()
                .<RoundPlayer>map(rounds -> new AsynchronousRun(rule, settings, rounds, from))
                .orElse(state -> attempts(state, announcer));
    }

    private RoundResult round(
            RoundPlayer player, ServerState state, RoundAnnouncer announcer, AbandonedRounds abandoned) {
        announcer.roundStarted(state.round() + 1);
        long start = System.nanoTime();
        RoundResult played = player.play(state);
        RoundResult judged = settings.validation().map(how -> how.judge(played)).orElse(played);
        RoundResult result = settings.timeBudget()
                .map(budget -> budget.spend(judged, System.nanoTime() - start))
                .orElse(judged);
        try {
            keep(result);
        } catch (RuntimeException | Error e) {
            // A listener can still keep the state, and cannot hide why it is not saved.
            announceDespite(result, announcer, e);
            throw e;
        }
        announcer.roundEnded(result);
        abandoned.roundEnded(result, !settings.clients().ids().isEmpty());
        return result;
    }

    /** Of its own accord, and not because a listener asks for it. */
    private boolean isEnded(ServerState state, RoundAnnouncer announcer) {
        Optional<String> reason = ended(state);
        reason.ifPresent(announcer::runEnds);
        return reason.isPresent();
    }

    private Optional<String> ended(ServerState state) {
        return Validation.ended(state)
                .filter(reason -> settings.validation().isPresent())
                .or(() -> settings.timeBudget().flatMap(budget -> budget.ended(state)));
    }

    /** The state between two attempts is saved before the wait: what was charged is charged, and a resume counts on. */
    private RoundResult attempts(ServerState from, RoundAnnouncer announcer) {
        Round round = new Round(rule, settings, from);
        RoundResult result = round.play();
        while (result instanceof RoundResult.Abandoned abandoned
                && round.again().isPresent()) {
            ServerState again = round.again().get();
            settings.checkpoints().ifPresent(store -> store.save(again));
            announcer.attemptAbandoned(abandoned, settings.policy().retries());
            active.requireOpen();
            round = new Round(rule, settings, again);
            result = round.play();
        }
        return result;
    }

    private void keep(RoundResult result) {
        if (!(result instanceof RoundResult.Refused)) {
            settings.checkpoints().ifPresent(store -> store.save(result.state()));
            settings.clientStates().forgetBefore(result.state().round());
        }
    }

    private static void announceDespite(RoundResult result, RoundAnnouncer announcer, Throwable reported) {
        try {
            announcer.roundEnded(result);
        } catch (RuntimeException | Error e) {
            reported.addSuppressed(e);
        }
    }

    /**
     * As many rounds in a row were abandoned as {@link RoundPolicy#maxAbandoned} allows, or all of a run of several, so nothing
     * is learned. The message has the first of them and its reason; the cause is what the first failing client of that round
     * threw, if one threw.
     * Every round is in the checkpoint store, abandoned ones too: a run that resumes continues after them.
     */
    public static final class RunAbandonedException extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        RunAbandonedException(String message, @Nullable Throwable cause) {
            super(message);
            if (cause != null) {
                initCause(cause);
            }
        }
    }
}
