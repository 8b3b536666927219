package org.fl4j.aggregation.robust;

import java.util.Optional;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;

/** The largest norm with which squares of differences, and sums of such over all clients, stay finite in FP64. */
final class NormLimit {

    private static final double LIMIT = 1e150;

    private NormLimit() {}

    /** FLOAT updates, of norm 3.4e38 * sqrt(2^31) = 1.6e43 at most, are accepted without computing their norm. */
    static Optional<String> refusal(ClientUpdate update) {
        ModelDelta delta = update.delta();
        if (delta.layout().bytesPerValue() == Float.BYTES) {
            return Optional.empty();
        }
        double norm = delta.norm2();
        return norm < LIMIT
                ? Optional.empty()
                : Optional.of("the norm of the delta must be < " + LIMIT + ", but was " + norm
                        + "; did local training diverge?");
    }
}
