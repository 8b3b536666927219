package org.fl4j.remote;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Whether two messages are the same, without keeping the first. */
final class Digests {

    private Digests() {}

    /** SHA-256, 32 bytes. */
    static Payload of(byte[] message) {
        try {
            return Payload.of(MessageDigest.getInstance("SHA-256").digest(message));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
