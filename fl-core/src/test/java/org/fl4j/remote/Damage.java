package org.fl4j.remote;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** Copies of a message that differ from it. Not thread-safe. */
final class Damage {

    private static final int CHECKSUM = 4;
    private static final int MOST_APPENDED = 9;
    private static final int FEW = 4;

    private final Random random;

    Damage(long seed) {
        this.random = new Random(seed);
    }

    /** Flipped, overwritten, cut or longer. */
    byte[] of(byte[] message) {
        byte[] copy = message.clone();
        do {
            switch (random.nextInt(5)) {
                case 0 -> copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> {
                    for (int i = 0; i < FEW; i++) {
                        copy[random.nextInt(copy.length)] = (byte) random.nextInt();
                    }
                }
                case 2 -> {
                    return Arrays.copyOf(message, random.nextInt(message.length));
                }
                case 3 -> {
                    return Arrays.copyOf(message, message.length + 1 + random.nextInt(MOST_APPENDED));
                }
                default -> ByteBuffer.wrap(copy).putInt(random.nextInt(copy.length - 3), random.nextInt());
            }
        } while (Arrays.equals(copy, message));
        return copy;
    }

    /**
     * A bit flipped in the second half, where the payload of an envelope with a long payload is, and the envelope's checksum made
     * right: the payload's own must find it.
     *
     * @param end how many bytes follow the payload
     */
    byte[] ofPayload(byte[] message, int end) {
        byte[] copy = message.clone();
        int start = copy.length / 2;
        copy[start + random.nextInt(copy.length - start - end)] ^= (byte) (1 << random.nextInt(8));
        CRC32C crc = new CRC32C();
        crc.update(copy, 0, copy.length - CHECKSUM);
        ByteBuffer.wrap(copy).putInt(copy.length - CHECKSUM, (int) crc.getValue());
        return copy;
    }
}
