package org.fl4j.client;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.weights.ModelWeights;

/**
 * What the server asks of a client whose data are to judge the global weights.
 *
 * @param round after which round
 * @param global the weights to evaluate, {@code [d]}
 */
public record EvaluationTask(int round, ModelWeights global) {

    private static final String KIND = "evaluation-task";

    private static final int VERSION = 1;

    /**
     * The task in binary form, for a transport.
     *
     * @return the same bytes for equal tasks
     */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(round);
            global.writeTo(out);
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
                bytes, KIND, VERSION, in -> new EvaluationTask(in.readInt(), ModelWeights.readFrom(in)));
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
