package org.fl4j.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Derives independent seeds from one seed, so that what a client draws depends on {@code (seed, round, client,
 * purpose)} and on nothing else: not on the thread, nor on who trained before.
 *
 * <p>A derived seed is the first eight bytes, big-endian, of {@code SHA-256(seed || round || |client| || client ||
 * purpose)} with numbers as big-endian 8-, 4- and 4-byte integers and text in UTF-8. This is a format: changing it
 * changes the bits of every recorded run. It is not a source of secrets; differential-privacy noise and masks do not
 * come from here.
 *
 * <p>Thread-safe.
 */
public final class Seeds {

    private Seeds() {}

    /**
     * The seed of one purpose under a seed that is already specific to its place, such as a task's.
     *
     * @param seed the seed to derive from
     * @param purpose what the numbers are for, such as {@code "shuffle"}
     * @return the derived seed
     */
    public static long derive(long seed, String purpose) {
        return derive(seed, 0, "", purpose);
    }

    /**
     * The seed of one purpose in one round.
     *
     * @param seed the seed to derive from
     * @param round the round, counted from 1
     * @param purpose what the numbers are for
     * @return the derived seed
     */
    public static long derive(long seed, int round, String purpose) {
        return derive(seed, round, "", purpose);
    }

    /**
     * The seed of one purpose of one client in one round.
     *
     * @param seed the seed to derive from
     * @param round the round, counted from 1
     * @param client the client's id
     * @param purpose what the numbers are for
     * @return the derived seed
     */
    public static long derive(long seed, int round, String client, String purpose) {
        byte[] who = client.getBytes(StandardCharsets.UTF_8);
        MessageDigest sha = sha256();
        sha.update(ByteBuffer.allocate(16)
                .putLong(seed)
                .putInt(round)
                .putInt(who.length)
                .flip());
        sha.update(who);
        sha.update(purpose.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(sha.digest()).getLong();
    }

    /**
     * The seed that an attempt at a round derives its seeds from.
     *
     * @param seed the run's
     * @param round the round, counted from 1
     * @param attempt counted from 0
     * @return the run's own for the first attempt
     */
    public static long ofAttempt(long seed, int round, int attempt) {
        return attempt == 0 ? seed : derive(seed, round, "attempt " + attempt);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
