package org.fl4j.compression;

/**
 * How the global weights travel to the clients.
 *
 * <p>Clients train from what they decode, the same for all of a round, and their deltas are from there. The server steps from the weights
 * that it has: it knows what every client has decoded, and what was lost is in the next difference that it sends (Tang et al.,
 * DoubleSqueeze, ICML 2019, its server's side).
 *
 * @param codec of the TRAINABLE parameters
 * @param asDeltas whether a client that holds the weights of an earlier round is sent what has changed since
 */
public record Downlink(CodecSpec codec, boolean asDeltas) {

    /** Weights as they are. */
    public static final Downlink NONE = new Downlink(CodecSpec.NONE, false);

    /** Weights in half precision, whatever a client holds. Those beyond 65504 end the run. */
    public static Downlink fp16() {
        return new Downlink(Codec.fp16().spec(), false);
    }

    /**
     * What has changed since the last round of which the server accepted the client's update: the differences of the rounds between, encoded one
     * by one, or all weights as they are where that is shorter, as for a client's first task.
     *
     * @param codec {@link Codec#fp16} or {@link Codec#eden}
     * @throws IllegalArgumentException if it is another, whose losses might grow when they are sent again
     */
    public static Downlink deltas(Codec codec) {
        String name = codec.spec().name();
        if (!name.equals(Codec.fp16().spec().name())
                && !name.equals(Codec.eden(1).spec().name())) {
            throw new IllegalArgumentException("codec must be fp16 or eden, but was " + codec.spec()
                    + "; the server sends again what a codec lost, which converges where less is lost than was sent");
        }
        return new Downlink(codec.spec(), true);
    }

    /** Whether weights travel as they are. */
    public boolean isNone() {
        return codec.equals(CodecSpec.NONE);
    }

    @Override
    public String toString() {
        return (asDeltas ? "deltas by " : "weights by ") + codec;
    }
}
