package org.fl4j.server;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;

/**
 * What is one block's own of a linear round as data; the rest of what training and summing it elsewhere needs is
 * {@link BlockTerms}.
 *
 * @param token of the round's attempt
 * @param block counted from 0
 * @param clients of the block, in order
 * @param remembered what their last committed rounds left, where there is something
 */
record BlockTask(long token, int block, List<ClientId> clients, Map<ClientId, ComponentState> remembered) {

    private static final String KIND = "block-task";
    private static final int VERSION = 1;

    static BlockTask of(int block, List<ClientId> clients, Cohort cohort) {
        Map<ClientId, ComponentState> remembered = new TreeMap<>();
        for (ClientId client : clients) {
            ComponentState state = cohort.settings().clientStates().read(client);
            if (!state.isEmpty()) {
                remembered.put(client, state);
            }
        }
        return new BlockTask(cohort.token(), block, List.copyOf(clients), remembered);
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeLong(token);
            out.writeInt(block);
            out.writeInt(clients.size());
            clients.forEach(client -> out.writeString(client.value()));
            write(out, remembered);
        });
    }

    static BlockTask fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes, KIND, VERSION, in -> new BlockTask(in.readLong(), in.readInt(), readIds(in), readStates(in)));
    }

    static void write(BinaryWriter out, Map<ClientId, ComponentState> states) {
        out.writeInt(states.size());
        states.forEach((client, state) -> {
            out.writeString(client.value());
            state.writeTo(out);
        });
    }

    static Map<ClientId, ComponentState> readStates(BinaryReader in) {
        Map<ClientId, ComponentState> states = new TreeMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            states.put(new ClientId(in.readString()), ComponentState.readFrom(in));
        }
        return states;
    }

    private static List<ClientId> readIds(BinaryReader in) {
        return IntStream.range(0, in.readCount())
                .mapToObj(i -> new ClientId(in.readString()))
                .toList();
    }
}
