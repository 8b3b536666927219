package org.fl4j.privacy.dp;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.fl4j.CorruptDataException;

/**
 * What a journal holds: its head, the rounds on record by owner, where it ends. Every record is checked against the chain as
 * it is read. Not thread-safe: it grows with the journal, under its lock.
 */
final class JournalContent {

    private final JournalHead head;
    private final Map<String, BookedReleases> booked = new HashMap<>();
    private String lastOwner;
    private End end;

    /**
     * Where a journal ends.
     *
     * @param length in bytes, without what a crash left behind
     * @param hash the last of the chain
     * @param last the last bytes: those of the last record, or of the head
     */
    record End(long length, String hash, ByteBuffer last) {}

    /** A journal as it was read, with all hashes of its chain and the last of the journal it replaces. */
    record Read(JournalContent content, Set<String> hashes) {

        boolean has(String hash) {
            return !hash.isEmpty() && hashes.contains(hash);
        }
    }

    private JournalContent(JournalHead head, byte[] bytes) {
        this.head = head;
        lastOwner = head.owner();
        int last = Math.min(JournalRecord.LENGTH, bytes.length);
        end = new End(bytes.length, head.hash(), ByteBuffer.wrap(bytes, bytes.length - last, last));
    }

    static Read parse(Path file, byte[] bytes) {
        if (!JournalHead.isHead(bytes)) {
            throw new CorruptDataException(file + " is not a privacy journal");
        }
        JournalContent content = new JournalContent(head(file, bytes), Arrays.copyOf(bytes, JournalHead.length(bytes)));
        Set<String> hashes = new HashSet<>(Set.of(content.head.continued()));
        hashes.add(content.end.hash());
        int at = JournalHead.length(bytes);
        for (int n = 1; at < bytes.length && !JournalTail.isTorn(bytes, at, JournalRecord.LENGTH); n++) {
            byte[] next = Arrays.copyOfRange(bytes, at, at + JournalRecord.LENGTH);
            content.add(record(file, next, n, content.end.hash()), next);
            hashes.add(content.end.hash());
            at += JournalRecord.LENGTH;
        }
        return new Read(content, hashes);
    }

    void add(JournalRecord record, byte[] bytes) {
        booked.merge(record.owner(), BookedReleases.NONE.plus(record.release(), 1), BookedReleases::plus);
        lastOwner = record.owner();
        end = new End(end.length() + bytes.length, record.hash(), ByteBuffer.wrap(bytes));
    }

    private static JournalHead head(Path file, byte[] bytes) {
        try {
            return JournalHead.fromBytes(bytes);
        } catch (CorruptDataException | IllegalArgumentException e) {
            throw damaged(file, "its head", e);
        }
    }

    private static JournalRecord record(Path file, byte[] bytes, int number, String before) {
        JournalRecord record;
        try {
            record = JournalRecord.fromBytes(bytes);
        } catch (CorruptDataException e) {
            throw damaged(file, "record " + number, e);
        }
        if (!record.follows(before)) {
            throw new CorruptDataException(file + ": record " + number
                    + " does not follow the record before; what was spent is not known, so no round can run");
        }
        return record;
    }

    private static CorruptDataException damaged(Path file, String what, RuntimeException cause) {
        return new CorruptDataException(
                file + ": " + what + " is damaged; what was spent is not known, so no round can run", cause);
    }

    JournalHead head() {
        return head;
    }

    /** Whose the last record is; the head's owner where there is none. */
    String lastOwner() {
        return lastOwner;
    }

    End end() {
        return end;
    }

    /** All that was booked, carried rounds included. */
    BookedReleases spent() {
        BookedReleases spent = head.carried();
        for (BookedReleases owners : booked.values()) {
            spent = spent.plus(owners);
        }
        return spent;
    }

    BookedReleases spentBy(String owner) {
        return booked.getOrDefault(owner, BookedReleases.NONE);
    }
}
