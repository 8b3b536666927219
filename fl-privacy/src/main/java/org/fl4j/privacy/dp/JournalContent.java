package org.fl4j.privacy.dp;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.dp.JournalRecord.Charge;
import org.fl4j.privacy.dp.JournalRecord.Head;

/**
 * What a journal holds: its head, the charges by owner, where it ends. Every record is checked against the chain as it is
 * read. Not thread-safe: it grows with the journal, under its lock.
 *
 * <p>A crash can leave at the end of the file a part of the last write, and zeros where the file system had made the file longer
 * before the bytes arrived. Such a torn end is skipped; anything else is damage.
 */
final class JournalContent {

    /** Checksum and hash at the end of a record are never this many zero bytes. */
    private static final int NEVER_ZERO = 8;

    private final Head head;
    private final Map<String, ChargedReleases> charged = new HashMap<>();
    private String lastOwner;
    private End end;

    /**
     * Where a journal ends.
     *
     * @param length in bytes, without a torn end
     * @param hash of the last record
     * @param last the bytes of the last record
     */
    record End(long length, String hash, ByteBuffer last) {}

    /** A journal as it was read, with all hashes of its chain and the last of the journal it replaces. */
    record Read(JournalContent content, Set<String> hashes) {

        boolean has(String hash) {
            return !hash.isEmpty() && hashes.contains(hash);
        }
    }

    private JournalContent(Head head) {
        this.head = head;
        byte[] bytes = head.toBytes();
        lastOwner = head.owner();
        end = new End(bytes.length, head.hash(), ByteBuffer.wrap(bytes));
    }

    /** Whether the creation of the file was cut short: nothing was charged in it, and it counts as missing. */
    static boolean isCutShort(byte[] file) {
        int arrived = withoutZeros(file, 0);
        if (arrived <= Head.START_LENGTH) {
            return Head.isStart(Arrays.copyOf(file, arrived));
        }
        try {
            return isTorn(file, 0, Head.length(file));
        } catch (CorruptDataException e) {
            return false;
        }
    }

    static Read parse(Path file, byte[] bytes) {
        if (!Head.isHead(bytes)) {
            throw new CorruptDataException(file + " is not a privacy journal");
        }
        JournalContent content = new JournalContent(undamaged(file, "its head", () -> Head.fromBytes(bytes)));
        Set<String> hashes = new HashSet<>(Set.of(content.head.carried().journal(), content.end.hash()));
        int at = (int) content.end.length();
        for (int n = 1; at < bytes.length && !isTorn(bytes, at, Charge.LENGTH); n++) {
            byte[] next = Arrays.copyOfRange(bytes, at, at + Charge.LENGTH);
            content.add(charge(file, next, n, content.end.hash()), next);
            hashes.add(content.end.hash());
            at += Charge.LENGTH;
        }
        return new Read(content, hashes);
    }

    void add(Charge charge, byte[] bytes) {
        charged.merge(charge.owner(), ChargedReleases.NONE.plus(charge.release(), 1), ChargedReleases::plus);
        lastOwner = charge.owner();
        end = new End(end.length() + bytes.length, charge.hash(), ByteBuffer.wrap(bytes));
    }

    /** Whether a last write of a known length arrived in part only. */
    private static boolean isTorn(byte[] file, int from, long length) {
        return file.length - from < length || withoutZeros(file, from) <= from + length - NEVER_ZERO;
    }

    /** Where the zeros at the end begin. */
    private static int withoutZeros(byte[] file, int from) {
        int end = file.length;
        while (end > from && file[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static Charge charge(Path file, byte[] bytes, int number, String before) {
        Charge charge = undamaged(file, "record " + number, () -> Charge.fromBytes(bytes));
        if (!charge.follows(before)) {
            throw new CorruptDataException(file + ": record " + number
                    + " does not follow the record before; what was spent is not known, so no round can run");
        }
        return charge;
    }

    private static <T> T undamaged(Path file, String what, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (CorruptDataException e) {
            throw new CorruptDataException(
                    file + ": " + what + " is damaged; what was spent is not known, so no round can run", e);
        }
    }

    Head head() {
        return head;
    }

    /** The owner of the last charge; the head's where there is none. */
    String lastOwner() {
        return lastOwner;
    }

    End end() {
        return end;
    }

    /** All that was charged, carried releases included. */
    ChargedReleases spent() {
        ChargedReleases spent = head.carried().charged();
        for (ChargedReleases owners : charged.values()) {
            spent = spent.plus(owners);
        }
        return spent;
    }

    ChargedReleases spentBy(String owner) {
        return charged.getOrDefault(owner, ChargedReleases.NONE);
    }
}
