package org.fl4j.spark;

import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;

/**
 * What is one client's own of a call; what it is asked to do is broadcast.
 *
 * @param client who
 * @param seed of its training
 * @param remembered what its last committed round left
 */
record CallTask(ClientId client, long seed, ComponentState remembered) {

    private static final String KIND = "spark-call";
    private static final int VERSION = 1;

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(client.value());
            out.writeLong(seed);
            remembered.writeTo(out);
        });
    }

    static CallTask fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new CallTask(new ClientId(in.readString()), in.readLong(), ComponentState.readFrom(in)));
    }
}
