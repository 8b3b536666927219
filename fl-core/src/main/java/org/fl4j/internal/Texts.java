package org.fl4j.internal;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Texts of logs and messages. */
public final class Texts {

    private static final int NAMED = 3;

    private Texts() {}

    /** The first few of many texts. */
    public static String firstOf(List<String> texts) {
        return String.join("; ", texts.subList(0, Math.min(NAMED, texts.size())))
                + (texts.size() > NAMED ? "; ..." : "");
    }

    /**
     * A name for a file of what belongs to a text: its SHA-256, of the characters and not of UTF-8, which writes every unpaired surrogate as the same
     * question mark.
     *
     * @return 64 lowercase hexadecimal digits
     */
    public static String digest(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(Character.BYTES * text.length());
        bytes.asCharBuffer().put(text);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
