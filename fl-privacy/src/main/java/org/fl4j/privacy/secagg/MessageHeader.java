package org.fl4j.privacy.secagg;

import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;
import org.fl4j.client.ClientId;

/**
 * What every message but the announcement begins with. Its seal is made with a key for exactly these three, a stage and a
 * direction; they stand here so that a misplaced message is told from an altered one.
 *
 * @param session the transcript's hash of the announcement
 * @param round counted from 1
 * @param client who sends it to the server, or receives it
 */
record MessageHeader(Octets session, int round, ClientId client) {

    void writeTo(BinaryWriter out) {
        out.writeBytes(session.shared());
        out.writeInt(round);
        out.writeString(client.value());
    }

    static MessageHeader readFrom(BinaryReader in) {
        return new MessageHeader(Octets.owning(in.readBytes()), in.readInt(), new ClientId(in.readString()));
    }
}
