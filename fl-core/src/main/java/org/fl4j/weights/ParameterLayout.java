package org.fl4j.weights;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * How a model's parameters lie in one flat vector of length d: their names, shapes and roles in order, and their common
 * dtype. Two models can exchange weights exactly if their layouts are equal.
 *
 * <p>Each parameter occupies its {@link Span}, its values in the spec's element order.
 *
 * <p>Immutable and thread-safe.
 */
public final class ParameterLayout {

    /**
     * A half-open range of coordinates of the flat vector.
     *
     * @param to the coordinate after the last
     */
    public record Span(int from, int to) {

        /** How many coordinates. */
        public int length() {
            return to - from;
        }
    }

    /** Between the layout's own digest and that of frozen values. */
    private static final String SEPARATOR = " ";

    private final DataType dtype;
    private final List<ParameterSpec> specs;
    private final Map<String, Span> spans;
    private final Map<ParameterSpec.Role, List<Span>> byRole = new EnumMap<>(ParameterSpec.Role.class);
    private final String frozen;
    private final int length;
    private final String fingerprint;

    /**
     * A layout.
     *
     * @param dtype FLOAT or DOUBLE
     * @param specs the parameters in order, names unique; at most 2^31 - 1 values in all
     * @throws IllegalArgumentException if the dtype is another, there is no parameter, or a name occurs twice
     */
    public ParameterLayout(DataType dtype, List<ParameterSpec> specs) {
        this(dtype, specs, "");
    }

    /** Of models that beside these parameters have FROZEN ones with a digest; it is part of the fingerprint. */
    ParameterLayout(DataType dtype, List<ParameterSpec> specs, String frozen) {
        if (dtype != DataType.FLOAT && dtype != DataType.DOUBLE) {
            throw new IllegalArgumentException("parameters must be FLOAT or DOUBLE, but was " + dtype);
        }
        if (specs.isEmpty()) {
            throw new IllegalArgumentException("a model must have at least one parameter; was it initialised?");
        }
        this.dtype = dtype;
        this.specs = List.copyOf(specs);
        this.spans = new LinkedHashMap<>();
        int at = 0;
        for (ParameterSpec spec : specs) {
            int to = Math.toIntExact(Math.addExact(at, spec.length()));
            if (spans.put(spec.name(), new Span(at, to)) != null) {
                throw new IllegalArgumentException("two parameters are named '" + spec.name() + "'");
            }
            at = to;
        }
        this.length = at;
        for (ParameterSpec.Role role : ParameterSpec.Role.values()) {
            byRole.put(role, select(spec -> spec.role() == role));
        }
        this.frozen = frozen;
        this.fingerprint = sha256(dtype + specs.toString() + frozen);
    }

    /** The dtype of every parameter, FLOAT or DOUBLE. */
    public DataType dtype() {
        return dtype;
    }

    /**
     * How many bytes a value takes.
     *
     * @return 4 or 8
     */
    public int bytesPerValue() {
        return dtype == DataType.DOUBLE ? Double.BYTES : Float.BYTES;
    }

    /**
     * The parameters.
     *
     * @return in the order of the flat vector
     */
    public List<ParameterSpec> specs() {
        return specs;
    }

    /**
     * The length d of the flat vector.
     *
     * @return at least 1
     */
    public int length() {
        return length;
    }

    /**
     * Where a parameter lies.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Span span(String name) {
        Span span = spans.get(name);
        if (span == null) {
            throw new IllegalArgumentException("no parameter '" + name + "'; there are " + spans.keySet());
        }
        return span;
    }

    /**
     * The coordinates of the parameters that a predicate picks, neighbours joined.
     *
     * @return ranges in ascending order
     */
    public List<Span> select(Predicate<ParameterSpec> which) {
        List<Span> joined = new ArrayList<>();
        for (ParameterSpec spec : specs) {
            Span span = span(spec.name());
            if (!which.test(spec)) {
                continue;
            }
            int last = joined.size() - 1;
            if (last >= 0 && joined.get(last).to() == span.from()) {
                joined.set(last, new Span(joined.get(last).from(), span.to()));
            } else {
                joined.add(span);
            }
        }
        return List.copyOf(joined);
    }

    /**
     * The coordinates of the TRAINABLE parameters, neighbours joined.
     *
     * @return ranges in ascending order
     */
    public List<Span> trainable() {
        return spans(ParameterSpec.Role.TRAINABLE);
    }

    /**
     * The coordinates of the parameters of a role, neighbours joined.
     *
     * @return ranges in ascending order
     */
    public List<Span> spans(ParameterSpec.Role role) {
        return Objects.requireNonNull(byRole.get(role));
    }

    /**
     * The parameter that a coordinate belongs to.
     *
     * @param coordinate in {@code [0, d)}
     * @throws IndexOutOfBoundsException if there is no such coordinate
     */
    public ParameterSpec at(int coordinate) {
        for (ParameterSpec spec : specs) {
            if (coordinate >= 0 && coordinate < span(spec.name()).to()) {
                return spec;
            }
        }
        throw new IndexOutOfBoundsException("coordinate " + coordinate + " of " + length);
    }

    /**
     * A digest of dtype, names, shapes, roles and {@link #frozen}, to compare layouts across a wire.
     *
     * @return 32 hexadecimal digits
     */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * What stands for the values of the FROZEN parameters that models of this layout have beside these.
     *
     * @return 64 hexadecimal digits; empty text if there are none
     */
    public String frozen() {
        return frozen;
    }

    /**
     * The first difference to another layout, in words, for messages.
     *
     * @param other the layout that was expected
     * @return empty if they are equal
     */
    public Optional<String> differenceFrom(ParameterLayout other) {
        if (equals(other)) {
            return Optional.empty();
        }
        if (dtype != other.dtype) {
            return Optional.of("its dtype is " + dtype + " but the global model's is " + other.dtype);
        }
        for (int i = 0; i < Math.min(specs.size(), other.specs.size()); i++) {
            ParameterSpec mine = specs.get(i);
            ParameterSpec theirs = other.specs.get(i);
            if (!mine.name().equals(theirs.name())) {
                return Optional.of("parameter " + i + " is '" + mine.name() + "' but the global model has '"
                        + theirs.name() + "' there");
            }
            if (!mine.equals(theirs)) {
                return Optional.of(difference(mine, theirs));
            }
        }
        if (specs.size() == other.specs.size()) {
            return Optional.of("its frozen parameters " + digest(this) + " but the global model's " + digest(other)
                    + "; do both start from the same backbone?");
        }
        return Optional.of("it has " + specs.size() + " parameters but the global model has " + other.specs.size());
    }

    /** Writes this layout as fields of a larger record. */
    public void writeTo(BinaryWriter out) {
        out.writeString(dtype.name());
        out.writeInt(specs.size());
        for (ParameterSpec spec : specs) {
            out.writeString(spec.name());
            out.writeString(spec.order().name());
            out.writeString(spec.role().name());
            out.writeInt(spec.shape().size());
            spec.shape().forEach(out::writeLong);
        }
        out.writeString(frozen.isEmpty() ? fingerprint : fingerprint + SEPARATOR + frozen);
    }

    /** Reads what {@link #writeTo} wrote. */
    public static ParameterLayout readFrom(BinaryReader in) {
        DataType dtype = DataType.valueOf(in.readString());
        List<ParameterSpec> specs = new ArrayList<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            String name = in.readString();
            ParameterSpec.ElementOrder order = ParameterSpec.ElementOrder.valueOf(in.readString());
            ParameterSpec.Role role = ParameterSpec.Role.valueOf(in.readString());
            List<Long> shape = new ArrayList<>();
            int sides = in.readCount();
            for (int s = 0; s < sides; s++) {
                shape.add(in.readLong());
            }
            specs.add(new ParameterSpec(name, shape, order, role));
        }
        String[] digests = in.readString().split(SEPARATOR, -1);
        ParameterLayout layout = new ParameterLayout(dtype, specs, digests.length == 2 ? digests[1] : "");
        String expected = digests[0];
        if (!layout.fingerprint.equals(expected)) {
            throw in.corrupt("its layout has fingerprint " + layout.fingerprint + " but names " + expected);
        }
        return layout;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ParameterLayout that
                        && dtype == that.dtype
                        && specs.equals(that.specs)
                        && frozen.equals(that.frozen));
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return "ParameterLayout[" + length + " x " + dtype + ", " + specs
                + (frozen.isEmpty() ? "" : ", frozen " + frozen.substring(0, 16)) + "]";
    }

    private static String digest(ParameterLayout layout) {
        return layout.frozen.isEmpty() ? "are none" : "have digest " + layout.frozen.substring(0, 16);
    }

    private static String difference(ParameterSpec mine, ParameterSpec theirs) {
        String who = "parameter '" + mine.name() + "' has ";
        if (!mine.shape().equals(theirs.shape())) {
            return who + "shape " + mine.shape() + " but the global model has " + theirs.shape();
        }
        return who + "order " + mine.order() + " and role " + mine.role() + " but the global model has "
                + theirs.order() + " and " + theirs.role();
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }
}
