package org.fl4j.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.Check;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.state.ComponentState;

/** What came of a {@link BlockTask}. */
final class BlockResult {

    private static final String KIND = "block-result";
    private static final int VERSION = 2;

    /** Of the block's task: what is late is of another attempt. */
    private final long token;

    private final int block;

    /** The sum over the block's segments; of no coordinate if no client completed. */
    private final double[] values;

    /** In the order of the block's clients. */
    private final List<ClientOutcome<ClientUpdate.Receipt>> outcomes;

    /** What clients are to remember if the round is committed. */
    private final Map<ClientId, ComponentState> staged;

    /** How many bytes the answer of each client has, in the order of the outcomes; 0 where there is none. */
    private final List<Long> answers;

    BlockResult(
            long token,
            int block,
            double[] values,
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes,
            Map<ClientId, ComponentState> staged,
            List<Long> answers) {
        this.token = token;
        this.block = block;
        this.values = values;
        this.outcomes = List.copyOf(outcomes);
        this.staged = staged;
        this.answers = List.copyOf(answers);
    }

    /** By its name in the binary form. */
    private enum Kind {
        COMPLETED,
        FAILED,
        TIMED_OUT,
        NOT_STARTED,
        BUSY,
        REJECTED,
        SURPLUS
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeLong(token);
            out.writeInt(block);
            out.writeDoubles(values);
            out.writeInt(outcomes.size());
            outcomes.forEach(outcome -> write(out, outcome));
            BlockTask.write(out, staged);
            answers.forEach(out::writeLong);
        });
    }

    static BlockResult fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            long token = in.readLong();
            int block = in.readInt();
            double[] values = in.readDoubles();
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
            for (int i = in.readCount(); i > 0; i--) {
                outcomes.add(read(in));
            }
            Map<ClientId, ComponentState> staged = BlockTask.readStates(in);
            List<Long> answers = new ArrayList<>();
            for (int i = 0; i < outcomes.size(); i++) {
                answers.add(in.version() < 2 ? 0L : Check.atLeast("answer", in.readLong(), 0));
            }
            return new BlockResult(token, block, values, outcomes, staged, answers);
        });
    }

    /** Checks that this is that block's, stages what its clients remember, and returns the sum as made here. */
    BlockSum at(int expected, List<ClientId> clients, LinearRound rule, Cohort cohort, TrafficCount.Stage traffic) {
        if (token != cohort.token()) {
            throw new CorruptDataException(
                    "round " + cohort.context().round() + ": the result of block " + expected
                            + " must be of this attempt, but was of another one or of another run; did an old answer arrive late?");
        }
        List<ClientId> answered = outcomes.stream().map(ClientOutcome::client).toList();
        if (block != expected || !answered.equals(clients)) {
            throw new CorruptDataException("round " + cohort.context().round() + ": the result must be block "
                    + expected
                    + "'s, of its " + clients.size() + " clients, but was block " + block + "'s, of " + answered.size()
                    + "; does the runner mix up blocks?");
        }
        staged.forEach((client, state) ->
                cohort.settings().clientStates().stage(client, cohort.context().round(), cohort.token(), state));
        for (int i = 0; i < answers.size(); i++) {
            traffic.answered(clients.get(i), answers.get(i));
        }
        return BlockSum.of(
                rule,
                outcomes.stream().map(outcome -> late(outcome, cohort)).toList(),
                values.length == 0 ? null : values);
    }

    /** Elsewhere only the time that was left is known. */
    private static ClientOutcome<ClientUpdate.Receipt> late(
            ClientOutcome<ClientUpdate.Receipt> outcome, Cohort cohort) {
        Duration deadline = cohort.limits().deadline();
        if (outcome instanceof ClientOutcome.TimedOut) {
            return new ClientOutcome.TimedOut<>(outcome.client(), deadline);
        }
        return outcome instanceof ClientOutcome.NotStarted
                ? new ClientOutcome.NotStarted<>(outcome.client(), deadline)
                : outcome;
    }

    private static void write(BinaryWriter out, ClientOutcome<ClientUpdate.Receipt> outcome) {
        out.writeString(outcome.client().value());
        if (outcome instanceof ClientOutcome.Completed<ClientUpdate.Receipt> completed) {
            ClientUpdate.Receipt receipt = completed.result();
            out.writeString(Kind.COMPLETED.name());
            out.writeLong(receipt.numExamples().orElse(-1));
            out.writeInt(receipt.scalars().size());
            new TreeMap<>(receipt.scalars()).forEach((name, value) -> {
                out.writeString(name);
                out.writeDouble(value);
            });
        } else if (outcome instanceof ClientOutcome.Failed<ClientUpdate.Receipt> failed) {
            out.writeString(Kind.FAILED.name());
            out.writeString(failed.reason());
        } else if (outcome instanceof ClientOutcome.TimedOut<ClientUpdate.Receipt> timedOut) {
            out.writeString(Kind.TIMED_OUT.name());
            out.writeLong(timedOut.after().toNanos());
        } else if (outcome instanceof ClientOutcome.NotStarted<ClientUpdate.Receipt> notStarted) {
            out.writeString(Kind.NOT_STARTED.name());
            out.writeLong(notStarted.after().toNanos());
        } else if (outcome instanceof ClientOutcome.Busy<ClientUpdate.Receipt> busy) {
            out.writeString(Kind.BUSY.name());
            out.writeInt(busy.round());
        } else if (outcome instanceof ClientOutcome.Rejected<ClientUpdate.Receipt> rejected) {
            out.writeString(Kind.REJECTED.name());
            out.writeString(rejected.reason());
        } else {
            out.writeString(Kind.SURPLUS.name());
        }
    }

    private static ClientOutcome<ClientUpdate.Receipt> read(BinaryReader in) {
        ClientId client = new ClientId(in.readString());
        return switch (readKind(in)) {
            case COMPLETED -> new ClientOutcome.Completed<>(client, readReceipt(in));
            case FAILED -> new ClientOutcome.Failed<>(client, new FailureElsewhere(in.readString()));
            case TIMED_OUT -> new ClientOutcome.TimedOut<>(client, Duration.ofNanos(in.readLong()));
            case NOT_STARTED -> new ClientOutcome.NotStarted<>(client, Duration.ofNanos(in.readLong()));
            case BUSY -> new ClientOutcome.Busy<>(client, in.readInt());
            case REJECTED -> new ClientOutcome.Rejected<>(client, in.readString());
            case SURPLUS -> new ClientOutcome.Surplus<>(client);
        };
    }

    private static Kind readKind(BinaryReader in) {
        String name = in.readString();
        try {
            return Kind.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("there is no outcome '" + name + "'");
        }
    }

    private static ClientUpdate.Receipt readReceipt(BinaryReader in) {
        long examples = in.readLong();
        Map<String, Double> scalars = new TreeMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            scalars.put(in.readString(), in.readDouble());
        }
        return new ClientUpdate.Receipt(examples < 0 ? OptionalLong.empty() : OptionalLong.of(examples), scalars);
    }

    /** What a client threw in another process: its words, not its class. */
    private static final class FailureElsewhere extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        FailureElsewhere(String words) {
            super(words);
        }

        /** The words name the class of what was thrown. */
        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return getMessage() == null ? "" : getMessage();
        }
    }
}
