package org.fl4j.spark;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.state.ComponentState;

/** What came of a {@link CallTask}. */
final class CallResult {

    private static final String KIND = "spark-call-result";
    private static final int VERSION = 1;

    private final byte[] bytes;
    private final ComponentState staged;

    /**
     * A result.
     *
     * @param bytes of an update or an evaluation
     * @param staged what the client is to remember; empty for nothing new
     */
    CallResult(byte[] bytes, ComponentState staged) {
        this.bytes = bytes;
        this.staged = staged;
    }

    byte[] bytes() {
        return bytes;
    }

    ComponentState staged() {
        return staged;
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeBytes(bytes);
            staged.writeTo(out);
        });
    }

    static CallResult fromBytes(byte[] data) {
        return BinaryReader.fromBytes(
                data, KIND, VERSION, in -> new CallResult(in.readBytes(), ComponentState.readFrom(in)));
    }
}
