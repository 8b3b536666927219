package org.fl4j.privacy.secagg.internal.vector;

import java.util.Collections;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The scales that are stated for a rule's segments.
 *
 * @param scale of deltas before they are weighted; its range is 0 if nothing is stated
 * @param weightCap the largest weight, for rules whose weights have no bound
 * @param named the scales of named segments, weights included
 */
public record Scales(Scale scale, OptionalDouble weightCap, SortedMap<String, Scale> named) {

    public static final Scales UNSTATED = new Scales(new Scale(0, 0), OptionalDouble.empty(), new TreeMap<>());

    public Scales {
        named = Collections.unmodifiableSortedMap(named);
    }

    public Scales with(Scale other) {
        return new Scales(other, weightCap, named);
    }
}
