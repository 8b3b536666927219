package org.fl4j.privacy.dp;

/**
 * What a crash may leave at the end of a file that is only appended to: the last write in part, and zeros where the file
 * system had made the file longer before the bytes arrived. Anything else is damage.
 */
final class JournalTail {

    /** Of a whole record that many last bytes, checksum and hash, are never all zero. */
    private static final int NEVER_ZERO = 8;

    private JournalTail() {}

    /**
     * Whether a last write, of a known length, arrived in part: the file ends within it, or in zeros that begin at
     * least {@value #NEVER_ZERO} bytes before its end.
     */
    static boolean isTorn(byte[] file, int from, long length) {
        return file.length - from < length || withoutZeros(file, from) <= from + length - NEVER_ZERO;
    }

    /** Where the zeros at the end begin. */
    static int withoutZeros(byte[] file, int from) {
        int end = file.length;
        while (end > from && file[end - 1] == 0) {
            end--;
        }
        return end;
    }
}
