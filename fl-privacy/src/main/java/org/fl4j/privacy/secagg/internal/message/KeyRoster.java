package org.fl4j.privacy.secagg.internal.message;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * The clients that sent keys, and the keys of a client's neighbours.
 *
 * @param header to whom
 * @param index the recipient's position in the cohort
 * @param advertised the clients that sent keys
 * @param graphSeed empty on the complete graph
 * @param roster the hash of all advertisements
 * @param leaves the hash of each advertisement, in the semi-malicious setting; else empty
 * @param neighbours the advertisements of those neighbours that sent one, in order
 */
public record KeyRoster(
        MessageHeader header,
        int index,
        IndexSet advertised,
        Bytes graphSeed,
        Bytes roster,
        List<Bytes> leaves,
        List<Bytes> neighbours) {

    private static final String KIND = ProtocolStage.SHARE_KEYS.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    public KeyRoster {
        leaves = List.copyOf(leaves);
        neighbours = List.copyOf(neighbours);
    }

    public byte[] toBytes() {
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

    public static KeyRoster fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new KeyRoster(
                        MessageHeader.readFrom(in),
                        in.readInt(),
                        IndexSet.fromBytes(clients, in.readBytes()),
                        Bytes.owning(in.readBytes()),
                        Bytes.owning(in.readBytes()),
                        read(in),
                        read(in)));
    }

    private static void write(BinaryWriter out, List<Bytes> entries) {
        out.writeInt(entries.size());
        entries.forEach(entry -> out.writeBytes(entry.shared()));
    }

    private static List<Bytes> read(BinaryReader in) {
        int count = in.readCount();
        List<Bytes> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Bytes.owning(in.readBytes()));
        }
        return entries;
    }
}
