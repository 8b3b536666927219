package org.fl4j.privacy.secagg.internal.message;

import java.util.Arrays;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.crypto.MessageTag;

/** A message and its seal: the record's bytes, then {@value #SEAL_BYTES} bytes of GMAC under a key for this message alone. */
public final class Envelope {

    public static final int SEAL_BYTES = 16;

    private Envelope() {}

    /** Erases the key. */
    public static byte[] seal(byte[] record, byte[] key) {
        try {
            byte[] sealed = Arrays.copyOf(record, record.length + SEAL_BYTES);
            System.arraycopy(MessageTag.of(key, record, record.length), 0, sealed, record.length, SEAL_BYTES);
            return sealed;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** The record, if the seal is that of the key. Erases the key. */
    public static Optional<byte[]> open(byte[] sealed, byte[] key) {
        return isSealed(sealed, key) ? Optional.of(unverified(sealed, SEAL_BYTES)) : Optional.empty();
    }

    /** Whether the seal is that of the key. Erases the key. */
    public static boolean isSealed(byte[] sealed, byte[] key) {
        try {
            int length = sealed.length - SEAL_BYTES;
            return length >= 0
                    && MessageTag.verify(key, sealed, length, Arrays.copyOfRange(sealed, length, sealed.length));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** The record, sealed or not: for the one message that brings the key its seal is made with. */
    public static byte[] unverified(byte[] sealed, int sealBytes) {
        return Arrays.copyOf(sealed, Math.max(0, sealed.length - sealBytes));
    }
}
