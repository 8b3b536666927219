package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * The header of every message except the announcement, readable in transit. What binds a message to these three, and
 * to a stage and a direction, is its seal.
 *
 * @param session the transcript's hash of the announcement
 * @param round counted from 1
 * @param client its sender to the server, or its recipient
 */
public record MessageHeader(Bytes session, int round, ClientId client) {

    void writeTo(BinaryWriter out) {
        out.writeBytes(session.shared());
        out.writeInt(round);
        out.writeString(client.value());
    }

    static MessageHeader readFrom(BinaryReader in) {
        return new MessageHeader(Bytes.owning(in.readBytes()), in.readInt(), new ClientId(in.readString()));
    }
}
