package org.fl4j.privacy.dp;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Consumer;
import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;

/**
 * A record of a journal, in the library's binary form: first the {@link Head}, then {@link Charge}s. Each kind has one length
 * whatever is in it, so a journal is read record by record. Records are chained: a hash is the first 128 bits of the SHA-256
 * of the hash before and of the record's fields.
 */
sealed interface JournalRecord {

    int VERSION = 1;
    int HASH_DIGITS = 32;

    /** No two records are the same, so a journal that was rolled back and went on is told from itself. */
    SecureRandom NONCES = new SecureRandom();

    byte[] toBytes();

    /** What the next record is chained to: 32 hexadecimal digits. */
    String hash();

    /** The first 128 bits of a SHA-256, as 32 digits. */
    static String hash(String before, Consumer<BinaryWriter> fields) {
        return BinaryWriter.sha256("privacy-journal-chain", VERSION, out -> {
                    out.writeString(before);
                    fields.accept(out);
                })
                .substring(0, HASH_DIGITS);
    }

    /**
     * The first record.
     *
     * @param model whose releases are charged: a run's or those of clients
     * @param name the run, for people; at most 32 characters of ASCII
     * @param carried the number of charges behind the head that were made before this journal existed
     * @param complete whether each release, carried ones included, was on record before its noise was drawn
     * @param nonce random
     * @param continued the last hash of the journal that this one replaces; empty for none
     * @param owner of the run, 32 hexadecimal digits; empty for clients
     */
    record Head(
            PrivacyModel model,
            String name,
            int carried,
            boolean complete,
            long nonce,
            String continued,
            String owner)
            implements JournalRecord {

        static final int LENGTH = new Head(PrivacyModel.CENTRAL, "", 0, true, 0, "", "").toBytes().length;

        private static final String KIND = "privacy-journal";

        static Head ofRun(String owner, String name, LedgerState carried, boolean complete) {
            int charges = carried.charged().counts().size();
            return new Head(
                    PrivacyModel.CENTRAL, name, charges, complete, NONCES.nextLong(), carried.journal(), owner);
        }

        static Head ofClients() {
            return new Head(PrivacyModel.LOCAL, "of clients", 0, true, NONCES.nextLong(), "", "");
        }

        @Override
        public String hash() {
            return JournalRecord.hash("", this::writeFields);
        }

        @Override
        public byte[] toBytes() {
            return BinaryWriter.toBytes(KIND, VERSION, this::writeFields);
        }

        private void writeFields(BinaryWriter out) {
            writePadded(out, model.name());
            writePadded(out, name);
            out.writeInt(carried);
            out.writeInt(complete ? 1 : 0);
            out.writeLong(nonce);
            writePadded(out, continued);
            writePadded(out, owner);
        }

        private static void writePadded(BinaryWriter out, String text) {
            out.writeString(text + " ".repeat(HASH_DIGITS - text.length()));
        }

        static Head fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    KIND,
                    VERSION,
                    in -> new Head(
                            PrivacyModel.valueOf(in.readString().strip()),
                            in.readString().strip(),
                            in.readInt(),
                            in.readInt() == 1,
                            in.readLong(),
                            in.readString().strip(),
                            in.readString().strip()));
        }

        static boolean isHead(byte[] bytes) {
            return BinaryReader.isOfKind(bytes, KIND);
        }

        /** Whether bytes are the start of a head, as far as they go. */
        static boolean isStart(byte[] bytes) {
            byte[] start = BinaryWriter.toBytes(KIND, VERSION, out -> {});
            int compared = Math.min(bytes.length, start.length - Integer.BYTES);
            return Arrays.equals(Arrays.copyOf(bytes, compared), Arrays.copyOf(start, compared));
        }
    }

    /**
     * A release that was charged.
     *
     * @param owner on whose account, 32 hexadecimal digits: a run's or a client's
     * @param round of the run; 0 for a carried charge
     * @param times how often: 1 unless carried
     * @param nonce random
     */
    record Charge(String owner, int round, ChargedRelease release, long times, long nonce, String hash)
            implements JournalRecord {

        static final int LENGTH = after(
                        JournalRecord.hash("", out -> {}),
                        JournalRecord.hash("", out -> {}),
                        0,
                        ChargedRelease.unsampled(0),
                        1)
                .toBytes()
                .length;

        private static final String KIND = "privacy-charge";

        static Charge after(String before, String owner, int round, ChargedRelease release, long times) {
            Charge unchained = new Charge(owner, round, release, times, NONCES.nextLong(), "");
            return new Charge(owner, round, release, times, unchained.nonce, unchained.hashAfter(before));
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
            out.writeDouble(release.event().noiseMultiplier());
            out.writeDouble(release.event().samplingProbability());
            out.writeInt(release.cohortCode());
            out.writeLong(times);
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
                            ChargedRelease.ofCode(in.readDouble(), in.readDouble(), in.readInt()),
                            in.readLong(),
                            in.readLong(),
                            in.readString()));
        }
    }
}
