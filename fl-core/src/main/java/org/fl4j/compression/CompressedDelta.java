package org.fl4j.compression;

import java.util.Arrays;
import java.util.Objects;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/**
 * A delta as it travels: the TRAINABLE coordinates one after another as a codec's payload, the STATISTIC ones as they are. The codec works in FP32,
 * also where the layout is of DOUBLE.
 *
 * <p>Equal if the bytes are. Immutable and thread-safe.
 */
public final class CompressedDelta {

    private final CodecSpec codec;
    private final long seed;
    private final byte[] payload;
    private final ModelDelta decoded;

    private CompressedDelta(CodecSpec codec, long seed, byte[] payload, ModelDelta decoded) {
        this.codec = codec;
        this.seed = seed;
        this.payload = payload;
        this.decoded = decoded;
    }

    /**
     * Encodes a delta, and decodes it as the server will.
     *
     * @param delta finite
     * @param seed of this client and round; it travels with the payload
     * @throws IllegalArgumentException if the delta is not finite
     */
    public static CompressedDelta of(Codec codec, ModelDelta delta, long seed) {
        float[] values = delta.trainableValues();
        byte[] payload = values.length == 0 ? new byte[0] : codec.encode(values, seed);
        return new CompressedDelta(codec.spec(), seed, payload, decoded(codec, payload, delta, values.length, seed));
    }

    private static ModelDelta decoded(Codec codec, byte[] payload, ModelDelta statistics, int n, long seed) {
        return n == 0 ? statistics : statistics.withTrainable(codec.decode(payload, n, seed));
    }

    /** The codec. */
    public CodecSpec codec() {
        return codec;
    }

    /** Returns another delta by the same codec and seed. */
    public CompressedDelta of(ModelDelta other) {
        return of(Codec.of(codec), other, seed);
    }

    /** What the server sees. */
    public ModelDelta decoded() {
        return decoded;
    }

    /** Writes this as fields of a larger record, without its layout. */
    public void writeTo(BinaryWriter out) {
        codec.writeTo(out);
        out.writeLong(seed);
        out.writeBytes(payload);
        decoded.writeStatisticsTo(out);
    }

    /**
     * Reads what {@link #writeTo} wrote, or anything a client may send for it.
     *
     * @throws org.fl4j.CorruptDataException if it is not what the codec makes of a delta of this layout, or this library has no such codec
     */
    public static CompressedDelta readFrom(BinaryReader in, ParameterLayout layout) {
        CodecSpec spec = CodecSpec.readFrom(in);
        Codec codec;
        try {
            codec = Codec.of(spec);
        } catch (IllegalArgumentException e) {
            throw in.corrupt("its delta is encoded by an unknown codec: " + e.getMessage());
        }
        long seed = in.readLong();
        byte[] payload = in.readBytes();
        ModelDelta statistics = ModelDelta.readStatisticsFrom(in, layout);
        int n = layout.trainable().stream()
                .mapToInt(ParameterLayout.Span::length)
                .sum();
        return new CompressedDelta(spec, seed, payload, decoded(codec, payload, statistics, n, seed));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CompressedDelta that
                && codec.equals(that.codec)
                && seed == that.seed
                && Arrays.equals(payload, that.payload)
                && decoded.equals(that.decoded);
    }

    @Override
    public int hashCode() {
        return Objects.hash(codec, seed, Arrays.hashCode(payload));
    }

    /** Codec and length only: an update is not for logs. */
    @Override
    public String toString() {
        return "CompressedDelta[" + codec + ", " + payload.length + " bytes]";
    }
}
