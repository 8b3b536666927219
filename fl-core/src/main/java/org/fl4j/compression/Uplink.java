package org.fl4j.compression;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * How clients encode their deltas on the way to the server, as data that crosses a wire.
 *
 * @param codec of the TRAINABLE parameters
 * @param errorFeedback whether a client adds to each delta what the codec lost of the ones before (Karimireddy, Rebjock, Stich, Jaggi, ICML 2019,
 *     algorithm 2); what is lost is remembered by the client, in step with the server's rounds
 */
public record Uplink(CodecSpec codec, boolean errorFeedback) {

    /** Deltas as they are. */
    public static final Uplink NONE = new Uplink(CodecSpec.NONE, false);

    /**
     * Without error feedback: for unbiased codecs, and for FP16, whose loss is of the size of rounding.
     *
     * @param codec makes bytes of a delta
     */
    public static Uplink of(Codec codec) {
        return new Uplink(codec.spec(), false);
    }

    /**
     * With error feedback: for codecs that lose the same coordinates again and again, such as top-k.
     *
     * @param codec biased
     * @throws IllegalArgumentException if the codec is unbiased: what it loses is noise, which adds up to nothing, and errors that are fed back
     *     to a codec that amplifies, such as random-k, grow without bound
     */
    public static Uplink withErrorFeedback(Codec codec) {
        if (codec.isUnbiased()) {
            throw new IllegalArgumentException(
                    "error feedback is for biased codecs, but " + codec.spec() + " is unbiased; leave it out");
        }
        return new Uplink(codec.spec(), true);
    }

    /** Whether deltas travel as they are. */
    public boolean isNone() {
        return codec.equals(CodecSpec.NONE);
    }

    /** Writes this as fields of a larger record. */
    public void writeTo(BinaryWriter out) {
        codec.writeTo(out);
        out.writeFlag(errorFeedback);
    }

    /** Reads what {@link #writeTo} wrote. */
    public static Uplink readFrom(BinaryReader in) {
        return new Uplink(CodecSpec.readFrom(in), in.readFlag());
    }

    @Override
    public String toString() {
        return codec + (errorFeedback ? " with error feedback" : "");
    }
}
