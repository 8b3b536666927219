package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.random.DeterministicRandom;

/** Ways to damage a message. Numbers, lengths and keys are changed where they stand, so that damage reaches the fields. */
enum Damage {
    BITS,
    BYTES,
    NUMBER,
    LENGTH,
    POINT,
    CUT,
    EXTENSION,
    DUPLICATE,
    DELETION,
    SWAP,
    ZERO,
    ONES,
    SPLICE,
    REPLACEMENT,
    NOISE,
    EMPTY,
    HUGE;

    private static final int[] NUMBERS = {0, 1, -1, 2, 4, 31, 33, 64, 255, 65_535, 1 << 24, 1 << 31, Integer.MAX_VALUE};

    private static final List<Damage> COMMON = List.copyOf(EnumSet.complementOf(EnumSet.of(EMPTY, HUGE)));

    /** Sizes of hashes, tags, shares and boxes, and less. */
    private static final int[] STEPS = {1, 2, 4, 8, 16, 32, 40, 64, 80, 96};

    /** For a record that gets its checksum and its seal: often its lengths, numbers and keys. */
    static Damage ofRecord(DeterministicRandom random) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> LENGTH;
            case 2 -> NUMBER;
            case 3 -> POINT;
            default -> any(random);
        };
    }

    /** Nothing is rare but the empty message and huge ones. */
    static Damage any(DeterministicRandom random) {
        int roll = random.nextInt(2048);
        if (roll == 0) {
            return HUGE;
        }
        return roll < 16 ? EMPTY : COMMON.get(random.nextInt(COMMON.size()));
    }

    /**
     * A damaged copy; it can be equal to the message by chance.
     *
     * @param donors other messages, at least one
     */
    byte[] of(byte[] message, List<byte[]> donors, DeterministicRandom random) {
        if (message.length == 0) {
            return noise(1 + random.nextInt(64), random);
        }
        int at = random.nextInt(message.length);
        int length = Math.min(message.length - at, 1 + random.nextInt(1 + random.nextInt(message.length)));
        byte[] copy = message.clone();
        return switch (this) {
            case BITS -> flipped(copy, random);
            case BYTES -> overwritten(copy, at, noise(Math.min(length, 8), random));
            case NUMBER -> numbered(copy, random);
            case LENGTH -> resized(copy, random);
            case POINT -> pointed(copy, random);
            case CUT -> random.nextInt(2) == 0 ? Arrays.copyOf(copy, at) : Arrays.copyOfRange(copy, at, copy.length);
            case EXTENSION -> joined(copy, noise(length, random));
            case DUPLICATE -> joined(Arrays.copyOf(copy, at + length), Arrays.copyOfRange(copy, at, copy.length));
            case DELETION -> joined(Arrays.copyOf(copy, at), Arrays.copyOfRange(copy, at + length, copy.length));
            case SWAP -> swapped(copy, at, Math.min(length, 32), random);
            case ZERO -> overwritten(copy, at, new byte[length]);
            case ONES -> overwritten(copy, at, filled(length));
            case SPLICE -> spliced(copy, at, donor(donors, random), random);
            case REPLACEMENT -> donor(donors, random).clone();
            case NOISE -> noise(random.nextInt(2 * message.length), random);
            case EMPTY -> new byte[0];
            case HUGE -> Arrays.copyOf(copy, (1 << 16 << random.nextInt(7)) + random.nextInt(100));
        };
    }

    /** A copy whose record's last four bytes are its CRC-32C again; {@code tail} bytes follow the record. */
    static byte[] withChecksum(byte[] message, int tail) {
        byte[] fixed = message.clone();
        int end = fixed.length - tail - Integer.BYTES;
        if (end >= 0) {
            CRC32C checksum = new CRC32C();
            checksum.update(fixed, 0, end);
            ByteBuffer.wrap(fixed).putInt(end, (int) checksum.getValue());
        }
        return fixed;
    }

    /** One that is at an edge of something. */
    static int number(DeterministicRandom random) {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private static byte[] donor(List<byte[]> donors, DeterministicRandom random) {
        return donors.get(random.nextInt(donors.size()));
    }

    private static byte[] flipped(byte[] copy, DeterministicRandom random) {
        for (int flips = 1 + random.nextInt(1 + random.nextInt(4)); flips > 0; flips--) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return copy;
    }

    private static byte[] numbered(byte[] copy, DeterministicRandom random) {
        int at = fieldOrAnywhere(copy, random);
        if (copy.length - at >= Integer.BYTES) {
            int old = ByteBuffer.wrap(copy).getInt(at);
            ByteBuffer.wrap(copy).putInt(at, random.nextInt(2) == 0 ? old + random.nextInt(9) - 4 : number(random));
        }
        return copy;
    }

    /** Changes a length, and what stands behind it accordingly. */
    private static byte[] resized(byte[] copy, DeterministicRandom random) {
        int at = fieldOrAnywhere(copy, random);
        int length =
                copy.length - at < Integer.BYTES ? -1 : ByteBuffer.wrap(copy).getInt(at);
        int behind = at + Integer.BYTES;
        if (length < 0 || length > copy.length - behind) {
            return copy;
        }
        int step = STEPS[random.nextInt(STEPS.length)];
        int other = random.nextInt(4) == 0 ? 0 : Math.max(0, random.nextInt(2) == 0 ? length + step : length - step);
        return resized(copy, at, length, other);
    }

    private static byte[] resized(byte[] record, int at, int length, int other) {
        int behind = at + Integer.BYTES;
        byte[] front = Arrays.copyOf(record, behind);
        ByteBuffer.wrap(front).putInt(at, other);
        byte[] body = Arrays.copyOf(Arrays.copyOfRange(record, behind, behind + length), other);
        return joined(joined(front, body), Arrays.copyOfRange(record, behind + length, record.length));
    }

    /** Puts 0, 1 or 2, or 2^255 - 20 to 2^255 - 18, in the place of a key: most are of small order; or with the top bit set. */
    private static byte[] pointed(byte[] copy, DeterministicRandom random) {
        ByteBuffer bytes = ByteBuffer.wrap(copy);
        int start = random.nextInt(copy.length);
        for (int i = 0; i < copy.length; i++) {
            int at = (start + i) % copy.length;
            if (copy.length - at >= Integer.BYTES + KeyPair25519.BYTES && bytes.getInt(at) == KeyPair25519.BYTES) {
                int key = at + Integer.BYTES;
                byte[] point = random.nextInt(2) == 0 ? new byte[KeyPair25519.BYTES] : filled(KeyPair25519.BYTES);
                point[0] = (byte) (random.nextInt(3) - (point[0] == 0 ? 0 : 20));
                point[KeyPair25519.BYTES - 1] &= (byte) (random.nextInt(2) == 0 ? 0x7f : 0xff);
                return overwritten(copy, key, point);
            }
        }
        return copy;
    }

    /** Copies in each of which one field, from the last to the first, has another length. */
    static List<byte[]> resizings(byte[] record) {
        List<byte[]> resized = new ArrayList<>();
        int[] fields = fields(record);
        for (int i = fields.length - 1; i >= 0; i--) {
            int length = ByteBuffer.wrap(record).getInt(fields[i]);
            for (int other : new int[] {0, length - 1, 2 * length + 1}) {
                if (other >= 0 && other != length) {
                    resized.add(resized(record, fields[i], length, other));
                }
            }
        }
        return resized;
    }

    /** Copies in each of which one field of the length of a key is the key 0, which is of small order. */
    static List<byte[]> withZeroKeys(byte[] record) {
        return Arrays.stream(fields(record))
                .filter(at -> ByteBuffer.wrap(record).getInt(at) == KeyPair25519.BYTES)
                .mapToObj(at -> overwritten(record.clone(), at + Integer.BYTES, new byte[KeyPair25519.BYTES]))
                .toList();
    }

    /** Where a field's length stands, as far as can be seen: behind the field is another length, or the checksum. */
    private static int fieldOrAnywhere(byte[] copy, DeterministicRandom random) {
        int[] fields = fields(copy);
        return fields.length == 0 ? random.nextInt(copy.length) : fields[random.nextInt(fields.length)];
    }

    private static int[] fields(byte[] record) {
        ByteBuffer bytes = ByteBuffer.wrap(record);
        return IntStream.rangeClosed(2 * Integer.BYTES, record.length - 2 * Integer.BYTES)
                .filter(at -> isLength(bytes, at) && endsField(bytes, at + Integer.BYTES + bytes.getInt(at)))
                .toArray();
    }

    private static boolean endsField(ByteBuffer bytes, int end) {
        int left = bytes.capacity() - end;
        return left == Integer.BYTES || (left > Integer.BYTES && isLength(bytes, end));
    }

    private static boolean isLength(ByteBuffer bytes, int at) {
        int value = bytes.getInt(at);
        return value >= 0 && value <= bytes.capacity() - at - Integer.BYTES;
    }

    private static byte[] swapped(byte[] copy, int at, int length, DeterministicRandom random) {
        int other = random.nextInt(copy.length - length + 1);
        byte[] range = Arrays.copyOfRange(copy, at, at + length);
        System.arraycopy(copy.clone(), other, copy, at, length);
        return overwritten(copy, other, range);
    }

    private static byte[] spliced(byte[] copy, int at, byte[] donor, DeterministicRandom random) {
        int from = random.nextInt(2) == 0 ? Math.min(at, donor.length) : random.nextInt(donor.length + 1);
        return joined(Arrays.copyOf(copy, at), Arrays.copyOfRange(donor, from, donor.length));
    }

    private static byte[] overwritten(byte[] copy, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, copy, at, Math.min(bytes.length, copy.length - at));
        return copy;
    }

    private static byte[] filled(int length) {
        byte[] ones = new byte[length];
        Arrays.fill(ones, (byte) -1);
        return ones;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] noise(int length, DeterministicRandom random) {
        byte[] noise = new byte[length];
        for (int i = 0; i < length; i += Long.BYTES) {
            long word = random.nextLong();
            for (int b = 0; b < Long.BYTES && i + b < length; b++) {
                noise[i + b] = (byte) (word >>> (Byte.SIZE * b));
            }
        }
        return noise;
    }
}
