package org.fl4j.server;

import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Uplink;

/**
 * Builds a server whose rule sees updates in the clear, so that clients may send them with loss:
 *
 * <pre>{@code
 * FederatedServer.with(FedAvg.byExamples())
 *         .uplink(Codec.eden(1))
 *         .clients(population)
 *         ...
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class OpenServerBuilder extends ServerBuilder {

    OpenServerBuilder(DirectAggregator rule) {
        super(rule, RoundContext.CohortVisibility.SERVER_ONLY);
    }

    /**
     * Lets clients encode their deltas by a codec, with error feedback if it is biased and not {@link Codec#fp16}. Vectors that an objective sends
     * beside the delta, such as SCAFFOLD's, are not encoded.
     *
     * @param codec of the TRAINABLE parameters
     */
    public ServerBuilder uplink(Codec codec) {
        return uplinkBy(
                codec.isUnbiased() || codec.equals(Codec.fp16()) ? Uplink.of(codec) : Uplink.withErrorFeedback(codec));
    }

    /** Lets clients encode their deltas. */
    public ServerBuilder uplinkBy(Uplink how) {
        encodingBy(how);
        return this;
    }
}
