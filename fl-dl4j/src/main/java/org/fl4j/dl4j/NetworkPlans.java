package org.fl4j.dl4j;

import java.util.List;
import java.util.Optional;
import org.fl4j.data.Examples;
import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.Plan;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plan of one network, compiled for the shapes of the examples that came last. Whether there is one follows from network and
 * shapes alone, not from the data that came before. Not thread-safe.
 */
final class NetworkPlans {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkPlans.class);

    private final NetworkAccess access;
    private final boolean enabled;
    private @Nullable List<?> shapes;
    private @Nullable Plan plan;
    private boolean logged;
    private String notCovered = "";

    NetworkPlans(NetworkAccess access, boolean enabled) {
        this.access = access;
        this.enabled = enabled;
    }

    /** The plan for mini-batches of up to some rows of such examples; empty where the network trains by DL4J. */
    Optional<Plan> forBatches(Examples data, int rows) {
        if (!enabled || data.size() == 0) {
            return Optional.empty();
        }
        List<?> wanted = List.of(data.featureShape(), data.labelShape());
        int most = Math.min(rows, data.size());
        if (!wanted.equals(shapes) || (plan != null && plan.capacity() < most)) {
            plan = compiled(data, most);
            shapes = wanted;
        }
        return Optional.ofNullable(plan);
    }

    /**
     * The plan that tells examples apart.
     *
     * @param data at least one example
     * @throws IllegalArgumentException if there is none
     */
    Plan forExamples(Examples data) {
        String why = "plans were turned off";
        try {
            if (enabled) {
                PlanCompiler.requireExamplesApart(access);
                Optional<Plan> found = forBatches(data, Plan.EXAMPLES_AT_ONCE);
                if (found.isPresent()) {
                    return found.get();
                }
                why = "it has " + notCovered;
            }
        } catch (NotCoveredException e) {
            why = "it has " + e.getMessage();
        }
        throw new IllegalArgumentException(
                "the gradients of single examples need a training plan that tells examples apart, and this network has"
                        + " none: " + why);
    }

    private @Nullable Plan compiled(Examples data, int rows) {
        try {
            if (!Blas.isAvailable()) {
                throw new NotCoveredException("no OpenBLAS on the class path");
            }
            return PlanCompiler.compile(access, data, rows);
        } catch (NotCoveredException e) {
            notCovered = String.valueOf(e.getMessage());
            if (!logged) {
                logged = true;
                LOG.info("this network trains by DL4J, not by a training plan: it has {}", e.getMessage());
            }
            return null;
        }
    }
}
