package org.fl4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Weights and displacements have equal fingerprints exactly where they are equal. */
class VectorFingerprintTest {

    private static final ParameterLayout FLOATS = layout(DataType.FLOAT, ParameterSpec.trainable("w", 2));
    private static final ParameterLayout DOUBLES = layout(DataType.DOUBLE, ParameterSpec.trainable("w", 2));

    @Test
    void everyBitOfAValueCounts() {
        Set<String> seen = new HashSet<>();
        for (int bit = 0; bit < Float.SIZE; bit++) {
            float altered = Float.intBitsToFloat(Float.floatToIntBits(1.1f) ^ 1 << bit);
            seen.add(floats(altered, 2).fingerprint());
            seen.add(floats(2, altered).fingerprint());
        }
        for (int bit = 0; bit < Double.SIZE; bit++) {
            double altered = Double.longBitsToDouble(Double.doubleToLongBits(1.1) ^ 1L << bit);
            seen.add(doubles(altered, 2).fingerprint());
            seen.add(doubles(2, altered).fingerprint());
        }

        assertEquals(2 * (Float.SIZE + Double.SIZE), seen.size());
    }

    /** Equality tells the two zeros apart, but not one NaN from another. */
    @Test
    void zerosDifferAndNansDoNot() {
        List<ModelWeights> all = new ArrayList<>();
        for (int bits : new int[] {0, 1 << 31, 0x7FC00000, 0x7FC00001, 0xFFC00000, 0x7F800000, 0xFF800000, 1}) {
            all.add(floats(Float.intBitsToFloat(bits), 1));
        }
        for (long bits : new long[] {0, 1L << 63, 0x7FF8L << 48, 0x7FF80001L << 32, 0xFFF8L << 48, 0x7FF0L << 48, 1}) {
            all.add(doubles(Double.longBitsToDouble(bits), 1));
        }
        agreesWithEquals(all, ModelWeights::fingerprint);
        agreesWithEquals(all.stream().map(VectorFingerprintTest::fromZero).toList(), ModelDelta::fingerprint);
    }

    @Test
    void theLayoutCounts() {
        List<ModelWeights> all = new ArrayList<>();
        for (ParameterSpec spec : List.of(
                ParameterSpec.trainable("w", 2),
                ParameterSpec.trainable("v", 2),
                ParameterSpec.trainable("w", 1, 2),
                ParameterSpec.trainable("w", 2, 1),
                ParameterSpec.statistic("w", 2))) {
            all.add(ModelWeights.copyOf(layout(DataType.FLOAT, spec), new float[2]));
            all.add(ModelWeights.copyOf(layout(DataType.DOUBLE, spec), new double[2]));
            all.add(ModelWeights.copyOf(layout(DataType.FLOAT, spec), new float[2]));
        }
        agreesWithEquals(all, ModelWeights::fingerprint);
        agreesWithEquals(all.stream().map(w -> w.minus(w)).toList(), ModelDelta::fingerprint);
    }

    @Test
    void aPointAndADisplacementWithTheSameValuesDiffer() {
        assertNotEquals(floats(1, 2).fingerprint(), ModelDelta.of(FLOATS, 1, 2).fingerprint());
    }

    @Test
    void isComputedOnce() {
        ModelWeights weights = floats(1, 2);
        ModelDelta delta = ModelDelta.of(DOUBLES, 1, 2);

        assertSame(weights.fingerprint(), weights.fingerprint());
        assertSame(delta.fingerprint(), delta.fingerprint());
    }

    @Test
    void thatOfWeightsIsTheSha256OfTheirFile(@TempDir Path folder) throws Exception {
        ModelWeights weights = doubles(0.1, -0.0);
        weights.save(folder.resolve("weights"));

        byte[] file = Files.readAllBytes(folder.resolve("weights"));
        assertEquals(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file)), weights.fingerprint());
        assertEquals(
                weights.fingerprint(),
                ModelWeights.load(folder.resolve("weights")).fingerprint());
    }

    private static <T> void agreesWithEquals(List<T> all, Function<T, String> fingerprint) {
        for (T a : all) {
            for (T b : all) {
                assertEquals(a.equals(b), fingerprint.apply(a).equals(fingerprint.apply(b)));
            }
        }
    }

    private static ModelWeights floats(float... values) {
        return ModelWeights.copyOf(FLOATS, values);
    }

    private static ModelWeights doubles(double... values) {
        return ModelWeights.copyOf(DOUBLES, values);
    }

    /** The displacement with the same bits: x - 0 is x, also for -0 and what a NaN carries. */
    private static ModelDelta fromZero(ModelWeights weights) {
        return weights.minus(weights.layout().dtype() == DataType.FLOAT ? floats(0, 0) : doubles(0, 0));
    }

    private static ParameterLayout layout(DataType dtype, ParameterSpec spec) {
        return new ParameterLayout(dtype, List.of(spec));
    }
}
