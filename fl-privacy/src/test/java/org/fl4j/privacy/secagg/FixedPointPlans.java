package org.fl4j.privacy.secagg;

import java.util.List;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;

/** Vector plans of what a user states, for the tests of that package. */
public final class FixedPointPlans {

    public static final FixedPoint UNSTATED = FixedPoint.UNSTATED;

    private FixedPointPlans() {}

    public static VectorPlan of(List<Segment> segments, FixedPoint numbers, int clients) {
        return VectorPlan.of(segments, numbers.scales(), clients);
    }
}
