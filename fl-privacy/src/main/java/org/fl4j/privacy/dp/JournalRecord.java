package org.fl4j.privacy.dp;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * One booked round of a journal: a record of the library's binary form, of the same length whatever is in it.
 *
 * @param owner whose round it is, 32 hexadecimal digits: of a run, or of a client
 * @param round of the run
 * @param release what was booked
 * @param nonce random, so that no two records have one hash: a journal that was rolled back and went on is told from itself
 * @param hash chains the record to all before it: the first 128 bits of the SHA-256 of the hash before and of all of this
 */
record JournalRecord(String owner, int round, BookedRelease release, long nonce, String hash) {

    static final int LENGTH = new JournalRecord(
                    hash("", out -> {}), 0, BookedRelease.unsampled(0), 0, hash("", out -> {}))
            .toBytes()
            .length;

    private static final String KIND = "privacy-release";
    private static final int VERSION = 1;
    private static final int HASH_DIGITS = 32;

    interface Fields {
        void writeTo(BinaryWriter out);
    }

    /** The record that follows a hash. */
    static JournalRecord after(String before, String owner, int round, BookedRelease release, long nonce) {
        return new JournalRecord(owner, round, release, nonce, hash(before, owner, round, release, nonce));
    }

    boolean follows(String before) {
        return hash.equals(hash(before, owner, round, release, nonce));
    }

    /** The first 128 bits of a SHA-256, as 32 digits. */
    static String hash(String before, Fields fields) {
        return BinaryWriter.sha256("privacy-journal-chain", VERSION, out -> {
                    out.writeString(before);
                    fields.writeTo(out);
                })
                .substring(0, HASH_DIGITS);
    }

    private static String hash(String before, String owner, int round, BookedRelease release, long nonce) {
        return hash(before, out -> writeFields(out, owner, round, release, nonce));
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            writeFields(out, owner, round, release, nonce);
            out.writeString(hash);
        });
    }

    private static void writeFields(BinaryWriter out, String owner, int round, BookedRelease release, long nonce) {
        out.writeString(owner);
        out.writeInt(round);
        writeRelease(out, release);
        out.writeLong(nonce);
    }

    static JournalRecord fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new JournalRecord(
                        in.readString(), in.readInt(), readRelease(in), in.readLong(), in.readString()));
    }

    static void writeRelease(BinaryWriter out, BookedRelease release) {
        out.writeDouble(release.event().noiseMultiplier());
        out.writeDouble(release.event().samplingProbability());
        out.writeInt(LedgerState.code(release.cohort()));
    }

    static BookedRelease readRelease(BinaryReader in) {
        try {
            return LedgerState.release(in.readDouble(), in.readDouble(), in.readInt());
        } catch (IllegalArgumentException e) {
            throw in.corrupt("a release is out of range: " + e);
        }
    }
}
