package org.fl4j.privacy.dp;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.fl4j.weights.ParameterSpec;

/** Which parameters are clipped together, and to which norm. */
record ClipNorms(Function<ParameterSpec, String> group, Map<String, Double> norms) {

    private static final String ALL = "all parameters";

    /** Beyond these, squares of steps and grids would leave the range of doubles. */
    static final double SMALLEST = 0x1p-400;

    static final double LARGEST = 0x1p400;

    /** Beyond this, a group's steps would be negligible beside the noise of the largest. */
    private static final double LARGEST_RATIO = 0x1p15;

    ClipNorms {
        norms = Map.copyOf(norms);
        new TreeMap<>(norms).forEach((name, norm) -> require("clip norm of " + name, norm));
        double smallest =
                norms.values().stream().mapToDouble(norm -> norm).min().orElse(1);
        double largest = norms.values().stream().mapToDouble(norm -> norm).max().orElse(1);
        if (largest / smallest > LARGEST_RATIO) {
            throw new IllegalArgumentException("clip norms must be within a factor of 2^15 of each other, but were "
                    + new TreeMap<>(norms) + "; every group receives the noise of all");
        }
    }

    static ClipNorms flat(double norm) {
        require("clip norm", norm);
        return new ClipNorms(spec -> ALL, Map.of(ALL, norm));
    }

    String groupOf(ParameterSpec spec) {
        String name = group.apply(spec);
        if (!norms.containsKey(name)) {
            throw new IllegalArgumentException("parameter '" + spec.name() + "' is in group '" + name
                    + "' but there are clip norms for " + new TreeMap<>(norms).keySet() + " only");
        }
        return name;
    }

    /** Norms that apply to nothing are for another model, or for one whose layers a sketch has mixed. */
    void requireUsed(Set<String> groups) {
        if (!groups.containsAll(norms.keySet())) {
            throw new IllegalArgumentException("there are clip norms for " + new TreeMap<>(norms).keySet()
                    + " but parameters of " + new TreeSet<>(groups)
                    + " only; are they those of another model, or does the rule see sketches, which have no layers?");
        }
    }

    double clip(String name) {
        Double norm = norms.get(name);
        if (norm == null) {
            throw new IllegalArgumentException("no clip norm for group '" + name + "'");
        }
        return norm;
    }

    static void require(String what, double norm) {
        if (!(norm >= SMALLEST && norm <= LARGEST)) {
            throw new IllegalArgumentException(what + " must be in [2^-400, 2^400], but was " + norm);
        }
    }

    @Override
    public String toString() {
        return norms.size() == 1 ? String.valueOf(norms.values().iterator().next()) : new TreeMap<>(norms).toString();
    }
}
