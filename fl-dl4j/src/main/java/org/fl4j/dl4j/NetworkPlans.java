package org.fl4j.dl4j;

import java.util.List;
import java.util.Optional;
import org.fl4j.data.Examples;
import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.Plan;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plan of one network, compiled for the shapes of the examples that came last. Not thread-safe. */
final class NetworkPlans {

    /** Rows of a mini-batch in evaluation, whatever the training's: bits can change with it. */
    static final int EVALUATION_BATCH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(NetworkPlans.class);

    private final NetworkAccess access;
    private @Nullable List<?> shapes;
    private @Nullable Plan plan;
    private boolean covered;

    NetworkPlans(NetworkAccess access, boolean enabled) {
        this.access = access;
        this.covered = enabled;
    }

    /** The plan for mini-batches of up to some rows of such examples; empty where the network trains by DL4J. */
    Optional<Plan> forBatches(Examples data, int rows) {
        if (!covered || data.size() == 0) {
            return Optional.empty();
        }
        List<?> wanted = List.of(data.featureShape(), data.labelShape());
        int capacity = Math.max(EVALUATION_BATCH, Math.min(rows, data.size()));
        if (plan == null || !wanted.equals(shapes) || plan.capacity() < capacity) {
            compile(data, capacity);
            shapes = wanted;
        }
        return Optional.ofNullable(plan);
    }

    private void compile(Examples data, int capacity) {
        plan = null;
        try {
            if (!Blas.isAvailable()) {
                throw new NotCoveredException("no OpenBLAS on the class path");
            }
            plan = PlanCompiler.compile(access, data, capacity);
        } catch (NotCoveredException e) {
            covered = false;
            LOG.info("this network trains by DL4J, not by a training plan: it has {}", e.getMessage());
        }
    }
}
