package org.fl4j.remote;

import org.fl4j.ClientId;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * What the server asks of one client.
 *
 * @param client whom
 * @param id to be echoed
 * @param kind what for
 * @param token of the training task, 0 in an evaluation
 * @param task its bytes; none where the client was sent it with an earlier stage
 * @param message the bytes of a stage, none of other kinds
 */
record Request(ClientId client, RequestId id, Kind kind, long token, Payload task, Payload message) {

    private static final String KIND = "remote-request";
    private static final int VERSION = 1;

    enum Kind {
        /** An update in the clear. */
        TRAINING,
        /** How well weights do. */
        EVALUATION,
        /** One stage of a masked round. */
        STAGE
    }

    static Request training(ClientId client, RequestId id, TrainingTask task) {
        return new Request(client, id, Kind.TRAINING, task.token(), Payload.of(task.toBytes()), Payload.NONE);
    }

    static Request evaluation(ClientId client, RequestId id, EvaluationTask task) {
        return new Request(client, id, Kind.EVALUATION, 0, Payload.of(task.toBytes()), Payload.NONE);
    }

    static Request firstStage(ClientId client, RequestId id, TrainingTask task, byte[] message) {
        return new Request(client, id, Kind.STAGE, task.token(), Payload.of(task.toBytes()), Payload.of(message));
    }

    /** For a client that holds the task. */
    static Request stage(ClientId client, RequestId id, TrainingTask task, byte[] message) {
        return new Request(client, id, Kind.STAGE, task.token(), Payload.NONE, Payload.of(message));
    }

    boolean hasTask() {
        return !task.isEmpty();
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(client.value());
            id.writeTo(out);
            out.writeString(kind.name());
            out.writeLong(token);
            out.writeBytes(task.bytes());
            out.writeBytes(message.bytes());
        });
    }

    static Request fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new Request(
                        new ClientId(in.readString()),
                        RequestId.readFrom(in),
                        Kind.valueOf(in.readString()),
                        in.readLong(),
                        Payload.of(in.readBytes()),
                        Payload.of(in.readBytes())));
    }

    /** Without the bytes, which may be long. */
    @Override
    public String toString() {
        return kind + " request " + id + " to client '" + client + "'";
    }
}
