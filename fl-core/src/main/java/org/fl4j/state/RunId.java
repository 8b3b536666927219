package org.fl4j.state;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * Names one run, so that what outlives a process (checkpoints, client states, a privacy journal) says which run it
 * belongs to. It has two parts:
 *
 * <ul>
 *   <li>its <em>start</em>: the SHA-256 of the seed and of the initial weights with their layout. Two runs with one start
 *       compute the same bits.
 *   <li>128 random bits, which tell two runs with one start apart. No computation uses them, and {@code ServerState}
 *       compares equal without them. The server draws them when a run starts; until then {@link #isDrawn} is false.
 * </ul>
 *
 * <p>Equal if both parts are. Immutable and thread-safe.
 */
public final class RunId {

    private static final int RANDOM_BYTES = 16;
    private static final int START_DIGITS = 64;

    /** Not seeded by the run: a run that is started again must differ. */
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String start;
    private final byte[] random;

    private RunId(String start, byte[] random) {
        this.start = start;
        this.random = random;
    }

    /**
     * The run that a seed and initial weights start, not drawn yet.
     *
     * @param initialWeights the fingerprints of the layout and of the weights before the first round
     * @param seed the seed of the whole run
     * @return equal for equal arguments
     */
    public static RunId of(String initialWeights, long seed) {
        String start = BinaryWriter.sha256("run-start", 1, out -> {
            out.writeLong(seed);
            out.writeString(initialWeights);
        });
        return new RunId(start, new byte[0]);
    }

    /**
     * Returns this id with a random part, drawn from a cryptographic generator unless it has one.
     *
     * @return a drawn id with the same start
     */
    public RunId drawn() {
        if (isDrawn()) {
            return this;
        }
        byte[] drawn = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(drawn);
        return new RunId(start, drawn);
    }

    /**
     * Whether the random part is there.
     *
     * @return false for a run that no server has started
     */
    public boolean isDrawn() {
        return random.length > 0;
    }

    /**
     * Whether another run starts from the same seed, layout and weights.
     *
     * @param other the other id
     * @return true if the two differ in their random parts at most
     */
    public boolean isSameStart(RunId other) {
        return start.equals(other.start);
    }

    /**
     * Writes both parts.
     *
     * @param out where to
     */
    public void writeTo(BinaryWriter out) {
        out.writeString(start);
        out.writeBytes(random);
    }

    /**
     * Reads what {@link #writeTo} wrote.
     *
     * @param in where from
     * @return an equal id
     * @throws org.fl4j.CorruptDataException if the bytes are not those of an id
     */
    public static RunId readFrom(BinaryReader in) {
        String start = in.readString();
        byte[] random = in.readBytes();
        if (start.length() != START_DIGITS || (random.length != 0 && random.length != RANDOM_BYTES)) {
            throw in.corrupt("a run's id has " + START_DIGITS + " digits and 0 or " + RANDOM_BYTES
                    + " random bytes, but was of " + start.length() + " and " + random.length);
        }
        return new RunId(start, random);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunId that && start.equals(that.start) && Arrays.equals(random, that.random);
    }

    @Override
    public int hashCode() {
        return 31 * start.hashCode() + Arrays.hashCode(random);
    }

    /** The first 8 digits of the start and, if drawn, the first 8 of the random part: {@code 3fa2b1c0-91d4e77a}. */
    @Override
    public String toString() {
        String head = start.substring(0, 8);
        return isDrawn() ? head + "-" + HexFormat.of().formatHex(random, 0, 4) : head;
    }
}
