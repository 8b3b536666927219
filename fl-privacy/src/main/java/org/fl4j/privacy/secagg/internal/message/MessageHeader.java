package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * What every message but the announcement begins with, for who looks at it on its way. What binds a message to these three, and
 * to a stage and a direction, is its seal.
 *
 * @param session the transcript's hash of the announcement
 * @param round counted from 1
 * @param client who sends it to the server, or receives it
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
