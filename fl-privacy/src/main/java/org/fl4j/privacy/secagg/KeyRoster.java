package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * Who is there, and the keys of a client's neighbours.
 *
 * @param header to whom
 * @param index the recipient's position in the cohort
 * @param advertised who sent keys
 * @param graphSeed empty on the complete graph
 * @param roster the hash of all advertisements
 * @param leaves the hash of each advertisement, in the semi-malicious setting; else empty
 * @param neighbours the advertisements of those neighbours who sent one, in order
 */
record KeyRoster(
        MessageHeader header,
        int index,
        IndexSet advertised,
        Octets graphSeed,
        Octets roster,
        List<Octets> leaves,
        List<Octets> neighbours) {

    private static final String KIND = ProtocolStage.SHARE_KEYS.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    KeyRoster {
        leaves = List.copyOf(leaves);
        neighbours = List.copyOf(neighbours);
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeInt(index);
            out.writeBytes(advertised.toBytes());
            out.writeBytes(graphSeed.shared());
            out.writeBytes(roster.shared());
            write(out, leaves);
            write(out, neighbours);
        });
    }

    static KeyRoster fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new KeyRoster(
                        MessageHeader.readFrom(in),
                        in.readInt(),
                        IndexSet.fromBytes(clients, in.readBytes()),
                        Octets.owning(in.readBytes()),
                        Octets.owning(in.readBytes()),
                        read(in),
                        read(in)));
    }

    private static void write(BinaryWriter out, List<Octets> entries) {
        out.writeInt(entries.size());
        entries.forEach(entry -> out.writeBytes(entry.shared()));
    }

    private static List<Octets> read(BinaryReader in) {
        int count = in.readCount();
        List<Octets> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Octets.owning(in.readBytes()));
        }
        return entries;
    }
}
