package org.fl4j.privacy.dp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * The start of a journal: 8 bytes that name the format, the length of what follows (4 bytes) and its complement (4 bytes), a
 * record of the library's binary form.
 *
 * @param model whose rounds it books: a run's or those of clients
 * @param owner of the run, 32 hexadecimal digits; that of no client for clients
 * @param name the run, for people
 * @param nonce random, so that no two journals have one chain
 * @param continued the last hash of the journal that this one replaces; empty for none
 * @param carried rounds that were booked before this journal was there
 * @param complete whether each round of the run, carried ones included, was on record before it drew noise
 */
record JournalHead(
        PrivacyModel model,
        String owner,
        String name,
        long nonce,
        String continued,
        BookedReleases carried,
        boolean complete) {

    private static final byte[] SIGNATURE = "FL4JDPJ4".getBytes(StandardCharsets.US_ASCII);
    private static final int START = SIGNATURE.length + 2 * Integer.BYTES;
    private static final String KIND = "privacy-journal";
    private static final int VERSION = 1;

    byte[] toBytes() {
        byte[] record = record();
        return ByteBuffer.allocate(START + record.length)
                .put(SIGNATURE)
                .putInt(record.length)
                .putInt(~record.length)
                .put(record)
                .array();
    }

    /** What the first record is chained to. */
    String hash() {
        return JournalRecord.hash("", out -> out.writeBytes(record()));
    }

    private byte[] record() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(model.name());
            out.writeString(owner);
            out.writeString(name);
            out.writeLong(nonce);
            out.writeString(continued);
            out.writeInt(carried.counts().size());
            carried.counts().forEach((release, times) -> {
                JournalRecord.writeRelease(out, release);
                out.writeLong(times);
            });
            out.writeInt(complete ? 1 : 0);
        });
    }

    /** Whether the creation of the file was cut short: nothing was booked in it, and it is as good as none. */
    static boolean isCutShort(byte[] file) {
        int arrived = JournalTail.withoutZeros(file, 0);
        byte[] start = Arrays.copyOf(file, Math.min(arrived, SIGNATURE.length));
        return Arrays.equals(start, Arrays.copyOf(SIGNATURE, start.length))
                && (file.length < START
                        || arrived <= START
                        || (hasLength(file) && JournalTail.isTorn(file, 0, length(file))));
    }

    /** How long the head of a file is that is neither cut short nor of something else. */
    static int length(byte[] file) {
        return START + ByteBuffer.wrap(file).getInt(SIGNATURE.length);
    }

    static boolean isHead(byte[] file) {
        return file.length >= START
                && Arrays.equals(Arrays.copyOf(file, SIGNATURE.length), SIGNATURE)
                && hasLength(file)
                && length(file) <= file.length;
    }

    private static boolean hasLength(byte[] file) {
        ByteBuffer lengths = ByteBuffer.wrap(file).position(SIGNATURE.length);
        int length = lengths.getInt();
        return length > 0 && length < Integer.MAX_VALUE - START && lengths.getInt() == ~length;
    }

    static JournalHead fromBytes(byte[] file) {
        return BinaryReader.fromBytes(
                Arrays.copyOfRange(file, START, length(file)),
                KIND,
                VERSION,
                in -> new JournalHead(
                        PrivacyModel.valueOf(in.readString()),
                        in.readString(),
                        in.readString(),
                        in.readLong(),
                        in.readString(),
                        readCarried(in),
                        in.readInt() == 1));
    }

    private static BookedReleases readCarried(BinaryReader in) {
        BookedReleases carried = BookedReleases.NONE;
        int n = in.readCount();
        for (int i = 0; i < n; i++) {
            BookedRelease release = JournalRecord.readRelease(in);
            carried = carried.plus(release, in.readLong());
        }
        return carried;
    }
}
