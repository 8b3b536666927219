package org.fl4j.privacy.secagg.internal.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * SHA-256 over a label and parts, each behind its length, so that no two different lists of parts have the same input.
 * Not thread-safe.
 */
public final class Sha256 {

    public static final int BYTES = 32;

    private final MessageDigest digest;

    private Sha256(String label) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
        with(("fl4j-secagg-1 " + label).getBytes(StandardCharsets.US_ASCII));
    }

    public static Sha256 of(String label) {
        return new Sha256(label);
    }

    public Sha256 with(byte[] part) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        digest.update(part);
        return this;
    }

    public Sha256 with(long number) {
        return with(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    public Sha256 with(String text) {
        return with(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] digest() {
        return digest.digest();
    }
}
