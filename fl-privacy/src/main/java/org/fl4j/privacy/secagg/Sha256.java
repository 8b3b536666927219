package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * SHA-256 over a label and parts, each behind its length, so that no two different lists of parts have the same input.
 * Not thread-safe.
 */
final class Sha256 {

    static final int BYTES = 32;

    private final MessageDigest digest;

    private Sha256(String label) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
        with(("fl4j-secagg-1 " + label).getBytes(StandardCharsets.US_ASCII));
    }

    static Sha256 of(String label) {
        return new Sha256(label);
    }

    Sha256 with(byte[] part) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        digest.update(part);
        return this;
    }

    Sha256 with(Octets part) {
        return with(part.shared());
    }

    Sha256 with(long number) {
        return with(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    Sha256 with(String text) {
        return with(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] digest() {
        return digest.digest();
    }
}
