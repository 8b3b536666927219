package org.fl4j.spark;

import java.nio.charset.StandardCharsets;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.nd4j.NumericFingerprint;

/** What an executor answers: where it is, how it computes, and what came of the work. */
final class Answer {

    private static final String KIND = "spark-answer";
    private static final int VERSION = 1;

    private final String host;
    private final NumericFingerprint fingerprint;
    private final Kind kind;
    private final byte[] bytes;

    /**
     * An answer.
     *
     * @param host of the executor
     * @param fingerprint of its process
     * @param bytes of a result, or words in UTF-8
     */
    Answer(String host, NumericFingerprint fingerprint, Kind kind, byte[] bytes) {
        this.host = host;
        this.fingerprint = fingerprint;
        this.kind = kind;
        this.bytes = bytes;
    }

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

    String host() {
        return host;
    }

    NumericFingerprint fingerprint() {
        return fingerprint;
    }

    Kind kind() {
        return kind;
    }

    byte[] bytes() {
        return bytes;
    }

    String words() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(host);
            out.writeBytes(fingerprint.toBytes());
            out.writeString(kind.name());
            out.writeBytes(bytes);
        });
    }

    static Answer fromBytes(byte[] data) {
        return BinaryReader.fromBytes(
                data,
                KIND,
                VERSION,
                in -> new Answer(
                        in.readString(), NumericFingerprint.fromBytes(in.readBytes()), kind(in), in.readBytes()));
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
