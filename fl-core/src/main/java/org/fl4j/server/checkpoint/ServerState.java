package org.fl4j.server.checkpoint;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.fl4j.weights.ModelWeights;

/**
 * All that crosses from one round to the next. A checkpoint is this record written down; to resume is to pass it back
 * in, and a run resumed so gives the bits of a run that never stopped.
 *
 * <p>Equal if all components are, the random part of {@link RunId} aside: two runs from one start have equal states.
 *
 * @param round how many rounds led to it, abandoned ones included; the next round is {@code round + 1}
 * @param attempt how many attempts at the next round were abandoned; 0 unless one of them is to be repeated
 * @param weights the global weights, {@code [d]}
 * @param optimizer what the server optimizer remembers
 * @param aggregator what the rule remembers
 * @param selector what the selector remembers
 * @param ledger what the rule's guard has booked
 * @param downlink the weights as clients decoded them last, and the last deltas; empty unless weights travel as deltas
 * @param progress what a validation and a time budget have counted, the best weights so far among it
 * @param time that has passed since the run's start as the runner counts it; zero on the real clock and under a
 *     private rule
 * @param underWay the tasks that asynchronous rounds have started and that have not arrived; none under a private rule
 * @param seed the seed of the whole run
 * @param run which run it is a state of
 */
public record ServerState(
        int round,
        int attempt,
        ModelWeights weights,
        ComponentState optimizer,
        ComponentState aggregator,
        ComponentState selector,
        ComponentState ledger,
        ComponentState downlink,
        ComponentState progress,
        Duration time,
        TasksUnderWay underWay,
        long seed,
        RunId run) {

    private static final String KIND = "server-state";
    /** Version 1 had no time, version 2 no attempt and nothing under way, version 3 neither downlink nor progress. */
    private static final int VERSION = 4;

    private static final String PROGRESS = "progress";
    private static final int NANOS_A_SECOND = 1_000_000_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the round, the attempt or the time is negative, a weight is NaN or infinite, or tasks
     *     under way are of a later round or another layout
     */
    public ServerState {
        Check.atLeast("round", round, 0);
        Check.atLeast("attempt", attempt, 0);
        if (!weights.isFinite()) {
            throw new IllegalArgumentException("the global weights hold NaN or infinity");
        }
        Objects.requireNonNull(optimizer);
        Objects.requireNonNull(aggregator);
        Objects.requireNonNull(selector);
        Objects.requireNonNull(ledger);
        Objects.requireNonNull(downlink);
        Objects.requireNonNull(progress);
        if (time.isNegative()) {
            throw new IllegalArgumentException("time must not be negative, but was " + time);
        }
        Objects.requireNonNull(underWay);
        underWay.fault(round, weights.layout()).ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
        Objects.requireNonNull(run);
    }

    /**
     * A state made by hand, of a run whose initial weights are these.
     *
     * @throws IllegalArgumentException if the round is negative or a weight is NaN or infinite
     */
    public ServerState(
            int round,
            ModelWeights weights,
            ComponentState optimizer,
            ComponentState aggregator,
            ComponentState selector,
            ComponentState ledger,
            long seed) {
        this(
                round,
                0,
                weights,
                optimizer,
                aggregator,
                selector,
                ledger,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                Duration.ZERO,
                TasksUnderWay.NONE,
                seed,
                RunId.of(weights.layout().fingerprint() + weights.fingerprint(), seed));
    }

    /**
     * The state before the first round.
     *
     * @param weights where to start, such as a fresh model's weights
     * @param seed decides everything random of the run but noise, masks and cohorts drawn for amplification
     * @return the state
     */
    public static ServerState initial(ModelWeights weights, long seed) {
        return new ServerState(
                0,
                weights,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                seed);
    }

    /**
     * Saves the state atomically: to a temporary file, forced to disk, then renamed.
     *
     * @param file the target
     * @throws java.io.UncheckedIOException if the file system reports an error
     */
    public void save(Path file) {
        BinaryWriter.toFile(file, KIND, VERSION, this::writeTo);
    }

    /**
     * Loads a saved state.
     *
     * @param file what {@link #save} wrote
     * @return an equal state
     * @throws org.fl4j.CorruptDataException if the file is damaged or of another kind
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static ServerState load(Path file) {
        return BinaryReader.fromFile(file, KIND, VERSION, ServerState::readFrom);
    }

    /**
     * The state in binary form.
     *
     * @return the same bytes for equal states of one run
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, this::writeTo);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal state
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     */
    public static ServerState fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, ServerState::readFrom);
    }

    /** Returns the state after an abandoned round that took no time: unchanged except for the round counter and the ledger. */
    public ServerState abandoned(ComponentState charged) {
        return abandoned(charged, Duration.ZERO);
    }

    /** Returns the state after an abandoned round: unchanged except for the round counter, the ledger and the time. */
    public ServerState abandoned(ComponentState charged, Duration took) {
        return copy(round + 1, 0, charged, progress, time.plus(took), underWay, run);
    }

    /** Returns the state before another attempt at the round: unchanged except for the attempt, the ledger and the time. */
    public ServerState again(ComponentState charged, Duration took) {
        return copy(round, attempt + 1, charged, progress, time.plus(took), underWay, run);
    }

    /** Returns a copy with a drawn run: before a server plays its first round. */
    public ServerState drawn() {
        return copy(round, attempt, ledger, progress, time, underWay, run.drawn());
    }

    /** Returns a copy with one part of the progress replaced. */
    public ServerState withProgress(String part, ComponentState counted) {
        ComponentState parts = progress.isEmpty() ? ComponentState.of(PROGRESS, 1) : progress;
        return copy(round, attempt, ledger, parts.with(part, counted), time, underWay, run);
    }

    /** Returns a copy with other tasks under way, after an asynchronous round. */
    public ServerState with(TasksUnderWay tasks) {
        return copy(round, attempt, ledger, progress, time, tasks, run);
    }

    /** The weights and what rule, optimizer, selector and downlink remember change by a round's step alone. */
    private ServerState copy(
            int itsRound,
            int itsAttempt,
            ComponentState charged,
            ComponentState counted,
            Duration passed,
            TasksUnderWay tasks,
            RunId its) {
        return new ServerState(
                itsRound,
                itsAttempt,
                weights,
                optimizer,
                aggregator,
                selector,
                charged,
                downlink,
                counted,
                passed,
                tasks,
                seed,
                its);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerState that
                && round == that.round
                && attempt == that.attempt
                && seed == that.seed
                && time.equals(that.time)
                && run.isSameStart(that.run)
                && weights.equals(that.weights)
                && optimizer.equals(that.optimizer)
                && underWay.equals(that.underWay)
                && aggregator.equals(that.aggregator)
                && selector.equals(that.selector)
                && ledger.equals(that.ledger)
                && downlink.equals(that.downlink)
                && progress.equals(that.progress);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                round,
                attempt,
                seed,
                time,
                underWay,
                weights,
                optimizer,
                aggregator,
                selector,
                ledger,
                downlink,
                progress);
    }

    private void writeTo(BinaryWriter out) {
        out.writeInt(round);
        out.writeLong(seed);
        out.writeLong(time.getSeconds());
        out.writeInt(time.getNano());
        out.writeInt(attempt);
        weights.writeTo(out);
        optimizer.writeTo(out);
        aggregator.writeTo(out);
        selector.writeTo(out);
        ledger.writeTo(out);
        downlink.writeTo(out);
        progress.writeTo(out);
        underWay.writeTo(out);
        run.writeTo(out);
    }

    private static ServerState readFrom(BinaryReader in) {
        int round = in.readInt();
        long seed = in.readLong();
        Duration time = in.version() == 1 ? Duration.ZERO : readTime(in);
        int attempt = in.version() < 3 ? 0 : in.readInt();
        return new ServerState(
                round,
                attempt,
                ModelWeights.readFrom(in),
                ComponentState.readFrom(in),
                ComponentState.readFrom(in),
                ComponentState.readFrom(in),
                ComponentState.readFrom(in),
                in.version() < 4 ? ComponentState.EMPTY : ComponentState.readFrom(in),
                in.version() < 4 ? ComponentState.EMPTY : ComponentState.readFrom(in),
                time,
                in.version() < 3 ? TasksUnderWay.NONE : TasksUnderWay.readFrom(in),
                seed,
                RunId.readFrom(in));
    }

    private static Duration readTime(BinaryReader in) {
        long seconds = in.readLong();
        int nanos = in.readInt();
        if (seconds < 0 || nanos < 0 || nanos >= NANOS_A_SECOND) {
            throw in.corrupt("a time of " + seconds + " s and " + nanos + " ns");
        }
        return Duration.ofSeconds(seconds, nanos);
    }
}
