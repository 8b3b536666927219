package org.fl4j.remote;

import java.nio.charset.StandardCharsets;
import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * What a client answers to a request.
 *
 * @param client who
 * @param id the request's
 * @param outcome how it went
 * @param body an update, an evaluation or a stage's answer, as bytes; none of other outcomes
 * @param reason why there is none; empty where there is
 */
record Answer(ClientId client, RequestId id, Outcome outcome, Payload body, String reason) {

    /** In characters. Longer reasons are cut. */
    static final int LONGEST_REASON = 2_000;

    private static final String KIND = "remote-answer";
    private static final int VERSION = 1;

    enum Outcome {
        COMPLETED,
        /** The update was rejected by the checks at the client's end. */
        REJECTED,
        FAILED
    }

    static Answer completed(Request request, byte[] body) {
        return new Answer(request.client(), request.id(), Outcome.COMPLETED, Payload.of(body), "");
    }

    static Answer without(Request request, Outcome outcome, String reason) {
        return new Answer(request.client(), request.id(), outcome, Payload.NONE, shortened(reason));
    }

    /** On one line, as it is logged. An unpaired surrogate, of a text or of the cut, has no UTF-8. */
    private static String shortened(String reason) {
        String start = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
        return new String(start.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(client.value());
            id.writeTo(out);
            out.writeString(outcome.name());
            out.writeBytes(body.bytes());
            out.writeString(reason);
        });
    }

    static Answer fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new Answer(
                        new ClientId(in.readString()),
                        RequestId.readFrom(in),
                        Outcome.valueOf(in.readString()),
                        Payload.of(in.readBytes()),
                        shortened(in.readString())));
    }

    /** Without the bytes, which may be an update. */
    @Override
    public String toString() {
        return outcome + " answer " + id + " of client '" + client + "'";
    }
}
