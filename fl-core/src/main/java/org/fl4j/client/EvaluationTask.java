package org.fl4j.client;

import java.util.Optional;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.weights.ModelWeights;

/**
 * What the server asks of a client whose data are to judge the global weights.
 *
 * @param round after which round
 * @param global the weights to evaluate, {@code [d]}
 * @param of which weights a client evaluates
 * @param delivery what is for this client alone
 * @param statistics what to collect for metrics
 */
public record EvaluationTask(
        int round, ModelWeights global, Evaluated of, Delivery delivery, StatisticsSpec statistics) {

    private static final String KIND = "evaluation-task";

    /** Version 1 was of the global weights only, version 2 had no delivery and no statistics. */
    private static final int VERSION = 3;

    /**
     * Which weights a client evaluates, as data that crosses a wire.
     *
     * @param own the client's own model, as of Ditto, in place of the global weights; a client that has none yet takes these
     * @param fineTuning how to train the weights before, on the client's own data, which changes nothing that it remembers; empty for as they are
     * @param seed what is random in fine-tuning comes from it and from the client's id
     */
    public record Evaluated(boolean own, Optional<LocalTraining> fineTuning, long seed) {

        /** The global weights, with the client's own LOCAL parameters where the model has such. */
        public static final Evaluated GLOBAL = new Evaluated(false, Optional.empty(), 0);

        /** Returns a copy with a seed, if there is something random in it. */
        public Evaluated withSeed(long other) {
            return fineTuning.isPresent() ? new Evaluated(own, fineTuning, other) : this;
        }

        void writeTo(BinaryWriter out) {
            out.writeFlag(own);
            out.writeFlag(fineTuning.isPresent());
            fineTuning.ifPresent(how -> how.writeTo(out));
            out.writeLong(seed);
        }

        static Evaluated readFrom(BinaryReader in) {
            return new Evaluated(
                    in.readFlag(),
                    in.readFlag() ? Optional.of(LocalTraining.readFrom(in)) : Optional.empty(),
                    in.readLong());
        }
    }

    /** An evaluation of the global weights. */
    public EvaluationTask(int round, ModelWeights global) {
        this(round, global, Evaluated.GLOBAL);
    }

    /** An evaluation for clients in the server's JVM. */
    public EvaluationTask(int round, ModelWeights global, Evaluated of) {
        this(round, global, of, Delivery.NONE, StatisticsSpec.NONE);
    }

    /** Returns a copy with another delivery. */
    public EvaluationTask with(Delivery other) {
        return new EvaluationTask(round, global, of, other, statistics);
    }

    /** Returns a copy that asks for these statistics. */
    public EvaluationTask collecting(StatisticsSpec other) {
        return new EvaluationTask(round, global, of, delivery, other);
    }

    /**
     * The task in binary form, for a transport.
     *
     * @return the same bytes for equal tasks
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(round);
            global.writeTo(out);
            of.writeTo(out);
            delivery.writeTo(out);
            statistics.writeTo(out);
        });
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes all of them
     * @return an equal task
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of another kind
     */
    public static EvaluationTask fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new EvaluationTask(
                        in.readInt(),
                        ModelWeights.readFrom(in),
                        in.version() == 1 ? Evaluated.GLOBAL : Evaluated.readFrom(in),
                        in.version() < 3 ? Delivery.NONE : Delivery.readFrom(in),
                        in.version() < 3 ? StatisticsSpec.NONE : StatisticsSpec.readFrom(in)));
    }

    /**
     * Whether a message is an evaluation task, for a transport that carries tasks of both kinds.
     *
     * @param bytes what {@link #toBytes} or {@link TrainingTask#toBytes} wrote
     * @return by the kind that the bytes name; whether they are whole, {@link #fromBytes} finds out
     */
    public static boolean isIn(byte[] bytes) {
        return BinaryReader.isOfKind(bytes, KIND);
    }
}
