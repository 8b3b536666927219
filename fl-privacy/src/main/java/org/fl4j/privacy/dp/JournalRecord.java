package org.fl4j.privacy.dp;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Consumer;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * What a journal consists of: a {@link Head}, then {@link Charge}s of one length, all in the library's binary form. They are
 * chained: a hash is the first 128 bits, as 32 hexadecimal digits, of the SHA-256 of the hash before and of a record's fields.
 */
sealed interface JournalRecord {

    int VERSION = 2;

    /** No two records are the same, so a journal that was rolled back and went on is told from itself. */
    SecureRandom NONCES = new SecureRandom();

    byte[] toBytes();

    /** What the next record is chained to. */
    String hash();

    static String hash(String before, Consumer<BinaryWriter> fields) {
        return BinaryWriter.sha256("privacy-journal-chain", VERSION, out -> {
                    out.writeString(before);
                    fields.accept(out);
                })
                .substring(0, 32);
    }

    /**
     * The start of a journal: a record of known length that says how long the next one is, and that one.
     *
     * @param model whose releases are charged: a run's or those of clients
     * @param owner of the run, 32 hexadecimal digits; empty for clients
     * @param carried what was charged before this journal existed, with the last hash of the journal that it replaces
     * @param complete whether each release, carried ones included, was on record before its noise was drawn
     * @param nonce random
     * @param name the run, for people; not empty
     */
    record Head(
            PrivacyStatement.PrivacyModel model,
            String owner,
            LedgerState carried,
            boolean complete,
            long nonce,
            String name)
            implements JournalRecord {

        private static final String START = "privacy-journal";
        private static final String KIND = "privacy-journal-head";

        /** In bytes. */
        static final int START_LENGTH = start(0).length;

        static Head ofRun(String owner, String name, LedgerState carried, boolean complete) {
            return new Head(PrivacyStatement.PrivacyModel.CENTRAL, owner, carried, complete, NONCES.nextLong(), name);
        }

        static Head ofClients(PrivacyStatement.PrivacyModel model) {
            return new Head(model, "", LedgerState.NONE, true, NONCES.nextLong(), "of clients");
        }

        @Override
        public String hash() {
            return JournalRecord.hash("", this::writeFields);
        }

        @Override
        public byte[] toBytes() {
            byte[] head = BinaryWriter.toBytes(KIND, VERSION, this::writeFields);
            return ByteBuffer.allocate(START_LENGTH + head.length)
                    .put(start(head.length))
                    .put(head)
                    .array();
        }

        private static byte[] start(int length) {
            return BinaryWriter.toBytes(START, VERSION, out -> out.writeInt(length));
        }

        private void writeFields(BinaryWriter out) {
            out.writeString(model.name());
            out.writeString(owner);
            carried.writeTo(out);
            out.writeInt(complete ? 1 : 0);
            out.writeLong(nonce);
            out.writeString(name);
        }

        /** The head of a file. */
        static Head fromBytes(byte[] file) {
            return BinaryReader.fromBytes(
                    Arrays.copyOfRange(file, START_LENGTH, (int) length(file)),
                    KIND,
                    VERSION,
                    in -> new Head(
                            PrivacyStatement.PrivacyModel.valueOf(in.readString()),
                            in.readString(),
                            LedgerState.readFrom(in),
                            in.readInt() == 1,
                            in.readLong(),
                            in.readString()));
        }

        static boolean isHead(byte[] file) {
            return BinaryReader.isOfKind(file, START);
        }

        /** How long the head of a file is, its start included. */
        static long length(byte[] file) {
            byte[] start = Arrays.copyOf(file, START_LENGTH);
            return (long) START_LENGTH + BinaryReader.fromBytes(start, START, VERSION, BinaryReader::readInt);
        }

        /** Whether bytes are those at the start of a head, as far as they go. */
        static boolean isStart(byte[] bytes) {
            int compared = Math.min(bytes.length, START_LENGTH - 2 * Integer.BYTES);
            return Arrays.equals(Arrays.copyOf(bytes, compared), Arrays.copyOf(start(0), compared));
        }
    }

    /**
     * A release that was charged.
     *
     * @param owner on whose account, 32 hexadecimal digits: a run's or a client's
     * @param round of the run
     * @param attempt at the round: how many were abandoned before
     * @param nonce random
     */
    record Charge(String owner, int round, int attempt, ChargedRelease release, long nonce, String hash)
            implements JournalRecord {

        private static final String KIND = "privacy-charge";

        /** In bytes, whatever the fields are. */
        static final int LENGTH = after(
                        JournalRecord.hash("", out -> {}),
                        JournalRecord.hash("", out -> {}),
                        0,
                        0,
                        ChargedRelease.unsampled(0))
                .toBytes()
                .length;

        static Charge after(String before, String owner, int round, int attempt, ChargedRelease release) {
            Charge unchained = new Charge(owner, round, attempt, release, NONCES.nextLong(), "");
            return new Charge(owner, round, attempt, release, unchained.nonce, unchained.hashAfter(before));
        }

        boolean follows(String before) {
            return hash.equals(hashAfter(before));
        }

        private String hashAfter(String before) {
            return JournalRecord.hash(before, this::writeFields);
        }

        @Override
        public byte[] toBytes() {
            return BinaryWriter.toBytes(KIND, VERSION, out -> {
                writeFields(out);
                out.writeString(hash);
            });
        }

        private void writeFields(BinaryWriter out) {
            out.writeString(owner);
            out.writeInt(round);
            out.writeInt(attempt);
            release.writeTo(out);
            out.writeLong(nonce);
        }

        static Charge fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    KIND,
                    VERSION,
                    in -> new Charge(
                            in.readString(),
                            in.readInt(),
                            in.readInt(),
                            ChargedRelease.readFrom(in),
                            in.readLong(),
                            in.readString()));
        }
    }
}
