package org.fl4j.compression;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * Global weights as they travel: {@link CompressedDelta}s, to be added one after another to the weights that a client holds, or to zeros.
 *
 * <p>Equal if the bytes are. Immutable and thread-safe.
 */
public final class CompressedWeights {

    private static final String KIND = "compressed-delta";
    private static final int VERSION = 1;

    private final boolean toHeld;
    private final List<byte[]> deltas;

    private CompressedWeights(boolean toHeld, List<byte[]> deltas) {
        this.toHeld = toHeld;
        this.deltas = deltas;
    }

    /**
     * Weights by what they differ from those that a client holds.
     *
     * @param deltas what {@link #encoded} made, in order; not copied
     */
    public static CompressedWeights toHeld(List<byte[]> deltas) {
        return new CompressedWeights(true, List.copyOf(deltas));
    }

    /** Weights by one delta from zeros. */
    public static CompressedWeights whole(CompressedDelta all) {
        return new CompressedWeights(false, List.of(encoded(all)));
    }

    /** A delta's binary form. */
    public static byte[] encoded(CompressedDelta delta) {
        return BinaryWriter.toBytes(KIND, VERSION, delta::writeTo);
    }

    /** Whether a client needs the weights that it holds. */
    public boolean isToHeld() {
        return toHeld;
    }

    /**
     * The weights.
     *
     * @param start those that the client holds, or zeros
     * @throws org.fl4j.CorruptDataException if a delta is not what its codec makes of weights of this layout
     */
    public ModelWeights addedTo(ModelWeights start) {
        ModelWeights weights = start;
        for (byte[] delta : deltas) {
            weights = weights.plus(decoded(delta, start.layout()));
        }
        return weights;
    }

    private static ModelDelta decoded(byte[] delta, ParameterLayout layout) {
        return BinaryReader.fromBytes(delta, KIND, VERSION, in -> CompressedDelta.readFrom(in, layout))
                .decoded();
    }

    /** Writes this as fields of a larger record, without its layout. */
    public void writeTo(BinaryWriter out) {
        out.writeFlag(toHeld);
        out.writeInt(deltas.size());
        deltas.forEach(out::writeBytes);
    }

    /** Reads what {@link #writeTo} wrote; whether it is what a codec makes, {@link #addedTo} finds out. */
    public static CompressedWeights readFrom(BinaryReader in) {
        boolean toHeld = in.readFlag();
        int n = in.readCount();
        return new CompressedWeights(
                toHeld, IntStream.range(0, n).mapToObj(i -> in.readBytes()).toList());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CompressedWeights that
                && toHeld == that.toHeld
                && deltas.size() == that.deltas.size()
                && IntStream.range(0, deltas.size()).allMatch(i -> Arrays.equals(deltas.get(i), that.deltas.get(i)));
    }

    @Override
    public int hashCode() {
        int hash = Boolean.hashCode(toHeld);
        for (byte[] delta : deltas) {
            hash = 31 * hash + Arrays.hashCode(delta);
        }
        return hash;
    }

    /** Number and lengths only: a model is not for logs. */
    @Override
    public String toString() {
        return "CompressedWeights[" + deltas.size() + " deltas, "
                + deltas.stream().mapToLong(delta -> delta.length).sum() + " bytes]";
    }
}
