package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.data.Examples;
import org.junit.jupiter.api.Test;

/** Whether a network has a plan follows from network and shapes alone: pooled models meet clients in any order. */
class NetworkPlansTest {

    private static final Examples COVERED = Networks.classified(8);
    private static final Examples OF_ANOTHER_RANK = Examples.classified(new float[8 * 16], new int[8], 3, 2, 2, 2, 2);

    @Test
    void dataThatNoPlanCoversDoNotDecideForTheNext() {
        NetworkPlans plans = new NetworkPlans(MultiLayerAccess.isolated(Networks.mlp(Networks.sgd())), true);

        assertTrue(plans.forBatches(COVERED, 4).isPresent());
        assertTrue(plans.forBatches(OF_ANOTHER_RANK, 4).isEmpty());
        assertTrue(plans.forBatches(OF_ANOTHER_RANK, 4).isEmpty());
        assertTrue(plans.forBatches(COVERED, 4).isPresent());
    }

    @Test
    void withoutPlansThereIsNone() {
        NetworkPlans plans = new NetworkPlans(MultiLayerAccess.isolated(Networks.mlp(Networks.sgd())), false);

        assertTrue(plans.forBatches(COVERED, 4).isEmpty());
    }
}
