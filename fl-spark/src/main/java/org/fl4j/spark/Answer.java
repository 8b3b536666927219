package org.fl4j.spark;

import java.util.function.Consumer;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.nd4j.NumericFingerprint;

/**
 * What an executor answers: where it is, how it computes, and what came of the work.
 *
 * @param host of the executor
 * @param fingerprint of its process
 * @param kind of what came
 * @param bytes of a result, or words in UTF-8
 */
record Answer(String host, NumericFingerprint fingerprint, Kind kind, byte[] bytes) {

    private static final String KIND = "spark-answer";
    private static final int VERSION = 1;

    /** By its name in the binary form. */
    enum Kind {
        /** A block's sum, an update, an evaluation. */
        RESULT,
        /** A client threw; in words. */
        FAILED,
        /** A client's update is not in order; in words. */
        REJECTED,
        /** What is not a client's failure, such as a rule's exception; in words. It ends the run. */
        BROKEN
    }

    byte[] toBytes() {
        Consumer<BinaryWriter> fields = out -> {
            out.writeString(host);
            fingerprint.writeTo(out);
            out.writeString(kind.name());
            out.writeBytes(bytes);
        };
        return BinaryWriter.toBytes(KIND, VERSION, fields);
    }

    static Answer fromBytes(byte[] data) {
        return BinaryReader.fromBytes(
                data,
                KIND,
                VERSION,
                in -> new Answer(in.readString(), NumericFingerprint.readFrom(in), kind(in), in.readBytes()));
    }

    private static Kind kind(BinaryReader in) {
        String name = in.readString();
        try {
            return Kind.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("there is no answer '" + name + "'");
        }
    }
}
