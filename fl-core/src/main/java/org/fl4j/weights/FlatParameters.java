package org.fl4j.weights;

import java.util.Objects;
import org.fl4j.internal.BinaryWriter;
import org.jspecify.annotations.Nullable;

/** What a point of parameter space and a displacement in it have in common: values in the order of a layout. */
abstract sealed class FlatParameters permits ModelWeights, ModelDelta {

    final ParameterLayout layout;
    final FlatVector values;
    private final String kind;
    private @Nullable String fingerprint;

    FlatParameters(String kind, ParameterLayout layout, FlatVector values) {
        this.kind = kind;
        this.layout = layout;
        this.values = values;
    }

    /** How the parameters lie in the flat vector. */
    public ParameterLayout layout() {
        return layout;
    }

    /**
     * Returns one coordinate.
     *
     * @param coordinate in {@code [0, d)}
     */
    public double get(int coordinate) {
        return values.get(coordinate);
    }

    /** Whether no value is NaN or infinite. */
    public boolean isFinite() {
        return values.firstNonFinite() < 0;
    }

    /**
     * A digest of layout and values, to compare across a wire: it differs wherever {@link #equals} tells two apart. Computed when
     * first asked for, and kept.
     *
     * @return the SHA-256 of both in binary form, all NaNs being alike, 64 hexadecimal digits
     */
    public String fingerprint() {
        // Racing threads compute the same immutable text twice at worst, as with String.hashCode.
        String known = fingerprint;
        if (known == null) {
            known = BinaryWriter.sha256(kind, ModelWeights.VERSION, out -> {
                layout.writeTo(out);
                values.canonical().writeTo(out);
            });
            fingerprint = known;
        }
        return known;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof FlatParameters that
                && kind.equals(that.kind)
                && layout.equals(that.layout)
                && values.equals(that.values);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(layout, values);
    }

    /** The layout only: weights and a client's delta are not for logs. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + layout.length() + " x " + layout.dtype() + "]";
    }

    static void requireSame(ParameterLayout expected, ParameterLayout other) {
        other.differenceFrom(expected).ifPresent(difference -> {
            throw new IllegalArgumentException("the layouts differ: " + difference);
        });
    }
}
