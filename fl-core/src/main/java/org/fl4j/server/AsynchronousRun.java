package org.fl4j.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.Delivery;
import org.fl4j.client.TaskStream;
import org.fl4j.client.TrainingTask;
import org.fl4j.random.Seeds;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelWeights;

/**
 * The asynchronous rounds of one run: who is at work, on which weights, and one release after another. At one moment
 * arrivals come first, then the release, then starts.
 *
 * <p>Of one thread. Without a private rule all that a round leaves behind is in its {@link ServerState} as well.
 */
final class AsynchronousRun implements RoundPlayer {

    /** A round in which so many times more tasks failed than there are places and slots is abandoned. */
    private static final int MOST_FAILURES = 10;

    private final Aggregator rule;
    private final ServerSettings settings;
    private final AsynchronousRounds rounds;
    private final TaskStream<ClientUpdate> stream;
    private final long seed;
    private final Map<ClientId, TaskStream.Task> underWay = new LinkedHashMap<>();
    private final SortedMap<Integer, ModelWeights> versions = new TreeMap<>();
    /** What tells the tasks of one round from all others. */
    private final Map<Integer, Long> tokens = new HashMap<>();

    /** How many, by the round in which they started. */
    private final Map<Integer, Integer> atWorkOn = new HashMap<>();

    /** Of the rounds one after another: a task counts in the one it started in, its answer in the one it arrived in. */
    private final TrafficCount traffic;

    private long nextNumber;

    AsynchronousRun(Aggregator rule, ServerSettings settings, AsynchronousRounds rounds, ServerState from) {
        this.rule = rule;
        this.settings = settings;
        this.rounds = rounds;
        this.seed = from.seed();
        this.traffic = settings.count(rule);
        long bytes = (long) from.weights().layout().length()
                * from.weights().layout().bytesPerValue();
        this.stream = settings.runner(bytes)
                .open(
                        new ClientRunner.Start(from.round() + 1, 0, seed, from.time()),
                        settings.policy().deadline(),
                        rounds.buffer());
        this.versions.putAll(from.underWay().versions());
        this.nextNumber = from.underWay().started();
        try {
            from.underWay().tasks().forEach(this::start);
        } catch (RuntimeException | Error e) {
            stream.close();
            throw e;
        }
    }

    private void start(TaskStream.Task task) {
        TrainingTask all = new TrainingTask(
                task.round(),
                0,
                tokens.computeIfAbsent(task.round(), settings.clientStates()::begin),
                version(task),
                settings.scheduledAt(task.round()),
                settings.objective(),
                settings.personal(),
                settings.uplink(),
                Map.of(),
                seed,
                Delivery.NONE);
        TrainingTask its = Cohort.taskOf(task.client(), all);
        atWorkOn.merge(task.round(), 1, Integer::sum);
        TrafficCount.Stage training = traffic.stage(Traffic.TRAINING);
        training.addSent(its);
        underWay.put(
                task.client(),
                stream.start(
                        task,
                        new ClientTraining<>(
                                settings.clients(),
                                settings.busy(),
                                client -> its,
                                new ClientTraining.Reception<>(training, rule.isPrivate(), update -> update))));
    }

    private void removeUnderWay(TaskStream.Task task) {
        underWay.remove(task.client());
        if (atWorkOn.merge(task.round(), -1, Integer::sum) == 0) {
            atWorkOn.remove(task.round());
            versions.remove(task.round());
            tokens.remove(task.round());
        }
    }

    private ModelWeights version(TaskStream.Task task) {
        return Objects.requireNonNull(versions.get(task.round()), "versions are kept as long as their tasks");
    }

    @Override
    public RoundResult play(ServerState state) {
        Round round = new Round(rule, settings, state);
        UpdateBuffer buffer = UpdateBuffer.begin(rule, round.context(), rounds);
        PrivacyBudgetGuard.Permit permit = round.admit();
        if (permit instanceof PrivacyBudgetGuard.Refused refused) {
            buffer.close();
            return new RoundResult.Refused(state, refused.reason(), refused.values());
        }
        if (permit instanceof PrivacyBudgetGuard.Skipped skipped) {
            buffer.close();
            return round.skip(skipped);
        }
        try (buffer) {
            Duration start = stream.now();
            Filling filling = new Filling(state, buffer);
            UpdateCollector.Collected collected = filling.collected();
            // Of a private round it would show who took part.
            Duration took = rule.isPrivate() ? Duration.ZERO : stream.now().minus(start);
            ComponentState ledger = ((PrivacyBudgetGuard.Granted) permit).ledger();
            RoundResult end = round.end(
                    filling.selector, collected.carrying(round.traffic(traffic, round::sampleTask)), ledger, took);
            return rule.isPrivate() ? end : withTasks(end);
        }
    }

    private RoundResult withTasks(RoundResult end) {
        TasksUnderWay tasks = new TasksUnderWay(List.copyOf(underWay.values()), versions, nextNumber);
        return end instanceof RoundResult.Abandoned abandoned
                ? new RoundResult.Abandoned(abandoned.state().with(tasks), abandoned.report(), abandoned.reason())
                : new RoundResult.Advanced(end.state().with(tasks), ((RoundResult.Advanced) end).report());
    }

    @Override
    public void close() {
        stream.close();
    }

    /** One round's buffer while it is filled. */
    private final class Filling {

        private final int round;
        private final ServerState state;
        private final UpdateBuffer buffer;
        private final Set<ClientId> inBuffer = new HashSet<>();
        private final List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
        private ComponentState selector;
        private int failures;
        private int selections;
        private int waits;

        Filling(ServerState state, UpdateBuffer buffer) {
            this.round = state.round() + 1;
            this.state = state;
            this.buffer = buffer;
            this.selector = state.selector();
        }

        UpdateCollector.Collected collected() {
            // Of a run with a larger maximum.
            abandonStaleIn(round);
            String reason = fill();
            tellSelector();
            abandonStaleIn(round + 1);
            return reason.isEmpty()
                    ? buffer.collected(outcomes, state.weights())
                    : UpdateCollector.Collected.nothing(outcomes, reason);
        }

        /** Returns why the buffer could not be filled. */
        private String fill() {
            int most = MOST_FAILURES * (rounds.concurrency() + rounds.buffer());
            while (!buffer.isFull()) {
                if (!stream.hasArrived() && (selections == 0 || !rounds.selectsPerRelease() || underWay.isEmpty())) {
                    fillPlaces();
                }
                if (hasPlaces() && timePasses()) {
                    continue;
                }
                if (underWay.isEmpty()) {
                    addBusy();
                    return missing("no client is at work and the selector chose none");
                }
                if (failures >= most) {
                    return missing(most + " tasks failed");
                }
                arrived(stream.next());
            }
            return "";
        }

        /** Whether a client that becomes available could be started at once. */
        private boolean hasPlaces() {
            boolean isFree = !rounds.selectsPerRelease() && underWay.size() < rounds.concurrency();
            return underWay.isEmpty() || (isFree && !stream.hasArrived());
        }

        /**
         * Until another client is available, if that is known and before the next arrival. Not more often than there are
         * clients: each time there is one more, and who was is taken.
         */
        private boolean timePasses() {
            Duration before = stream.now();
            if (waits < settings.clients().ids().size()) {
                settings.selector()
                        .next(before)
                        .filter(next -> underWay.values().stream().allMatch(task -> next.compareTo(task.arrival()) < 0))
                        .ifPresent(stream::passUntil);
            }
            boolean passed = stream.now().compareTo(before) > 0;
            waits += passed ? 1 : 0;
            return passed;
        }

        /** Clients that are inside a call, of tasks that are no longer waited for, are why nobody else could be chosen. */
        private void addBusy() {
            for (ClientId client : settings.clients().ids()) {
                if (!inBuffer.contains(client)) {
                    settings.busy()
                            .since(client)
                            .ifPresent(since -> outcomes.add(new ClientOutcome.Busy<>(client, since)));
                }
            }
        }

        private String missing(String why) {
            String last = "";
            for (ClientOutcome<ClientUpdate.Receipt> outcome : outcomes) {
                if (!rule.isPrivate() && !(outcome instanceof ClientOutcome.Completed)) {
                    last = "; the last that did not complete: " + outcome.describe();
                }
            }
            return "round " + round + ": " + why + ", with " + buffer.size() + " of " + rounds.buffer() + " updates"
                    + last;
        }

        private void fillPlaces() {
            int places = rounds.concurrency() - underWay.size();
            // Negative after a run with more of them.
            if (places <= 0) {
                return;
            }
            List<ClientId> chosen = chosen(places, this::isTaken);
            if (!chosen.isEmpty()) {
                versions.putIfAbsent(round, state.weights());
            }
            for (ClientId client : chosen) {
                if (isTaken(client)) {
                    throw new IllegalStateException("round " + round + ": "
                            + (rule.isPrivate() ? "a client" : "client '" + client + "'")
                            + " was selected though it is taken; are the population's ids unique?");
                }
                start(new TaskStream.Task(nextNumber++, client, round));
            }
        }

        /** One that counts rounds would take a round for which it was not asked as an abandoned one. */
        private void tellSelector() {
            if (selections == 0 && (!selector.isEmpty() || settings.selector() instanceof ClientSelector.Informed)) {
                chosen(1, client -> true);
            }
        }

        private List<ClientId> chosen(int places, Predicate<ClientId> taken) {
            String purpose = selections == 0 ? "selection" : "selection " + selections;
            selections++;
            ClientSelector.Selection selection = settings.selector()
                    .fill(
                            new ClientSelector.Context(
                                    round,
                                    settings.clients().ids(),
                                    0,
                                    selector,
                                    Seeds.derive(seed, round, purpose),
                                    stream.now()),
                            places,
                            taken);
            selector = selection.state();
            waits = selection.cohort().isEmpty() ? waits : 0;
            return selection.cohort();
        }

        private boolean isTaken(ClientId client) {
            return underWay.containsKey(client)
                    || inBuffer.contains(client)
                    || settings.busy().isInCall(client);
        }

        private void arrived(TaskStream.Arrival<ClientUpdate> arrival) {
            ClientId client = arrival.task().client();
            inBuffer.add(client);
            int before = buffer.size();
            traffic.stage(Traffic.TRAINING).addAnswer(arrival.outcome());
            outcomes.add(buffer.add(arrival, version(arrival.task())));
            removeUnderWay(arrival.task());
            failures += buffer.size() > before ? 0 : 1;
        }

        /** Those whose updates would be too stale in a round: the oldest. */
        private void abandonStaleIn(int next) {
            while (!underWay.isEmpty()) {
                TaskStream.Task oldest = underWay.values().iterator().next();
                int staleness = next - oldest.round();
                if (staleness <= rounds.maxStaleness()) {
                    break;
                }
                stream.abandon(oldest);
                removeUnderWay(oldest);
                outcomes.add(new ClientOutcome.Stale<>(oldest.client(), staleness));
            }
        }
    }
}
