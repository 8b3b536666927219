package org.fl4j.server.selection;

import java.util.Map;
import java.util.OptionalLong;
import org.fl4j.client.ClientUpdate;

/**
 * What a report keeps of an update that was taken: not the delta.
 *
 * @param numExamples the size of the client's data; empty under a secure rule, where it does not reach the server
 * @param scalars the update's scalars; empty under a secure rule
 */
public record UpdateReceipt(OptionalLong numExamples, Map<String, Double> scalars) {

    /** The receipt of an update the server has not seen. */
    public static final UpdateReceipt MASKED = new UpdateReceipt(OptionalLong.empty(), Map.of());

    /**
     * Copies the map.
     */
    public UpdateReceipt {
        scalars = Map.copyOf(scalars);
    }

    public static UpdateReceipt of(ClientUpdate update) {
        return new UpdateReceipt(OptionalLong.of(update.numExamples()), update.scalars());
    }
}
