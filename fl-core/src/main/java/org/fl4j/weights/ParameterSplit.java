package org.fl4j.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.weights.ParameterSpec.Role;

/**
 * Cuts a model's parameters into those that travel, with roles TRAINABLE and STATISTIC, those that stay with each client, LOCAL, and
 * those that are the same everywhere, FROZEN; and joins them.
 *
 * <p>Immutable and thread-safe.
 */
public final class ParameterSplit {

    /** A stretch of one vector that lies elsewhere in another. */
    private record Piece(int inWhole, int inPart, int length) {}

    /** What a part consists of, and where that lies in the whole. */
    private record Part(ParameterLayout layout, List<Piece> pieces) {}

    private final ModelWeights start;
    private final Function<? super ParameterSpec, Role> roles;
    private final Part shared;
    private final Optional<Part> local;
    private final Optional<Part> frozen;

    /**
     * A split.
     *
     * @param start the whole model's weights, of which the FROZEN ones count
     * @param roles what each parameter is to be: its own role, LOCAL or FROZEN
     * @throws IllegalArgumentException if nothing is left to travel
     */
    public ParameterSplit(ModelWeights start, Function<? super ParameterSpec, Role> roles) {
        this.start = start;
        this.roles = roles;
        List<ParameterSpec> specs = start.layout().specs().stream()
                .map(spec -> spec.withRole(roles.apply(spec)))
                .toList();
        this.frozen = part(start.layout(), specs, Role.FROZEN);
        String digest = frozen.map(part -> cut(start, part).fingerprint()).orElse("");
        List<ParameterSpec> travel =
                specs.stream().filter(spec -> spec.role().isShared()).toList();
        if (travel.isEmpty()) {
            throw new IllegalArgumentException("at least one parameter must be shared, but all are LOCAL or FROZEN: "
                    + specs + "; which one do clients learn together?");
        }
        this.shared = part(start.layout(), travel, digest);
        this.local = part(start.layout(), specs, Role.LOCAL);
    }

    private static Optional<Part> part(ParameterLayout whole, List<ParameterSpec> specs, Role role) {
        List<ParameterSpec> those =
                specs.stream().filter(spec -> spec.role() == role).toList();
        return those.isEmpty() ? Optional.empty() : Optional.of(part(whole, those, ""));
    }

    private static Part part(ParameterLayout whole, List<ParameterSpec> specs, String frozen) {
        ParameterLayout layout = new ParameterLayout(whole.dtype(), specs, frozen);
        List<Piece> pieces = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            ParameterLayout.Span in = whole.span(spec.name());
            pieces.add(new Piece(in.from(), layout.span(spec.name()).from(), in.length()));
        }
        return new Part(layout, pieces);
    }

    /** The layout of the whole model, with the roles that it gives its parameters. */
    public ParameterLayout whole() {
        return start.layout();
    }

    /** The layout of what travels; its {@link ParameterLayout#frozen} stands for the FROZEN parameters. */
    public ParameterLayout shared() {
        return shared.layout();
    }

    /** The layout of what stays; empty if nothing is LOCAL. */
    public Optional<ParameterLayout> local() {
        return local.map(Part::layout);
    }

    /** The part of a whole model's weights that travels. */
    public ModelWeights sharedOf(ModelWeights whole) {
        FlatParameters.requireSame(whole(), whole.layout());
        return cut(whole, shared);
    }

    /**
     * The part of a whole model's weights that stays.
     *
     * @throws IllegalStateException if nothing is LOCAL
     */
    public ModelWeights localOf(ModelWeights whole) {
        FlatParameters.requireSame(whole(), whole.layout());
        return cut(whole, localPart());
    }

    /**
     * The FROZEN parameters.
     *
     * @throws IllegalStateException if nothing is FROZEN
     */
    public ModelWeights frozen() {
        return cut(start, frozenPart());
    }

    /**
     * Returns the split of a model that has other FROZEN parameters.
     *
     * @param values of the layout that {@link #frozen} has
     * @throws IllegalArgumentException if the layouts differ
     * @throws IllegalStateException if nothing is FROZEN
     */
    public ParameterSplit withFrozen(ModelWeights values) {
        Part part = frozenPart();
        FlatParameters.requireSame(part.layout(), values.layout());
        FlatVector whole = start.values.copy();
        paste(values.values, part, whole);
        return new ParameterSplit(new ModelWeights(whole(), whole), roles);
    }

    /**
     * A whole model's weights, with the FROZEN ones of the start.
     *
     * @param travelled of the {@link #shared} layout
     * @param kept of the {@link #local} layout; empty for the start's
     * @throws IllegalArgumentException if a layout differs
     */
    public ModelWeights joined(ModelWeights travelled, Optional<ModelWeights> kept) {
        FlatParameters.requireSame(shared.layout(), travelled.layout());
        FlatVector values = start.values.copy();
        paste(travelled.values, shared, values);
        kept.ifPresent(own -> {
            FlatParameters.requireSame(localPart().layout(), own.layout());
            paste(own.values, localPart(), values);
        });
        return new ModelWeights(whole(), values);
    }

    /** A correction of what travels as one of the whole model, whose other parameters it leaves alone. */
    public GradientCorrection widened(GradientCorrection ofShared) {
        ofShared.requireSame(shared.layout());
        return ofShared.widenedBy(this);
    }

    /** With zeros elsewhere. */
    ModelDelta widened(ModelDelta ofShared) {
        FlatVector values = FlatVector.zeros(whole().dtype(), whole().length());
        paste(ofShared.values, shared, values);
        return new ModelDelta(whole(), values);
    }

    /** With the start's elsewhere. */
    ModelWeights widened(ModelWeights ofShared) {
        return joined(ofShared, Optional.empty());
    }

    private Part localPart() {
        return local.orElseThrow(() -> new IllegalStateException("no parameter of " + whole() + " is LOCAL"));
    }

    private Part frozenPart() {
        return frozen.orElseThrow(() -> new IllegalStateException("no parameter of " + whole() + " is FROZEN"));
    }

    private static ModelWeights cut(ModelWeights whole, Part part) {
        FlatVector values =
                FlatVector.zeros(part.layout().dtype(), part.layout().length());
        for (Piece piece : part.pieces()) {
            values.put(piece.inPart(), whole.values, piece.inWhole(), piece.length());
        }
        return new ModelWeights(part.layout(), values);
    }

    private static void paste(FlatVector from, Part part, FlatVector whole) {
        for (Piece piece : part.pieces()) {
            whole.put(piece.inWhole(), from, piece.inPart(), piece.length());
        }
    }
}
