package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fl4j.aggregation.SecureRound;
import org.fl4j.model.ModelWeights;
import org.fl4j.privacy.secagg.ProtocolStage.Direction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server follows the protocol, keeps everything, and has all secrets of all clients but two honest ones, A and B. So
 * it can take off A's masked input whatever the protocol lets it: the self-mask, whose seed A's survival reveals, and the masks
 * of all pairs with its own clients. What is left is A's contribution under the mask of the pair (A, B), and must be uniform.
 *
 * <p>Keys are fresh, so these are fresh samples in every run. Each chi-square statistic is above its limit with probability
 * 1e-9 if the view is uniform; there are fewer than 50 of them.
 */
class HidingTest {

    private static final int N = 4;
    private static final int A = 0;
    private static final int B = 2;
    private static final int[] COLLUDING = {1, 3};

    /** Three shares give a secret, so the colluding two have none: else they would have A's mask key. */
    private static final Setting SETTING =
            Setting.curious(Tolerance.ofDropouts(0.25).withAdversaries(0.5));

    /** The 1 - 1e-9 quantile of chi-square, by scipy.stats.chi2.isf(1e-9, 255). */
    private static final double LIMIT_255 = 414.55;

    /** By scipy.stats.chi2.isf(1e-9, 65535). */
    private static final double LIMIT_65535 = 67_729.8;

    /** What A contributes in every coordinate. */
    enum Value {
        ZERO,
        LARGEST,
        SMALLEST
    }

    /** Rings of 32 bits, whose words are ints, and of 40, whose words are longs. */
    enum Ring {
        NARROW(1L << 28, 32, 1_000_000),
        WIDE(1L << 36, 40, 100_000);

        private final long maxAbs;
        private final int bits;
        private final int length;

        Ring(long maxAbs, int bits, int length) {
            this.maxAbs = maxAbs;
            this.bits = bits;
            this.length = length;
        }

        long valueOf(Value value) {
            return switch (value) {
                case ZERO -> 0;
                case LARGEST -> maxAbs;
                case SMALLEST -> -maxAbs;
            };
        }
    }

    /** A round of which the server saw everything. */
    private record Seen(Ring ring, KnownCohort cohort, Eavesdropper server, SessionTerms terms) {

        static Seen of(Ring ring, Value value) {
            KnownCohort cohort = new KnownCohort(new IntegerRule((double) ring.maxAbs), SETTING);
            Eavesdropper server = new Eavesdropper(N);
            double[] ofA = new double[ring.length];
            Arrays.fill(ofA, (double) ring.valueOf(value));
            double[] ofOthers = new double[ring.length];
            Arrays.fill(ofOthers, 1);
            ModelWeights weights = ModelWeights.copyOf(Drill.layout(ring.length), new double[ring.length]);
            Drill drill = new Drill(cohort, N, ring.length, client -> client == A ? ofA : ofOthers)
                    .over(server)
                    .handing(client -> weights);
            SecureRound.Outcome outcome = drill.run(1);
            assertEquals(Map.of(), drill.failures());
            assertInstanceOf(SecureRound.Recovered.class, outcome);
            return new Seen(ring, cohort, server, cohort.terms(drill.context(1), N));
        }

        /** An honest client's masked input without the masks that server and colluding clients know. */
        RingVector view(int client) throws InvalidKeyException {
            RingVector view = server.maskedVector(client, terms.plan());
            try (Masks masks = masks()) {
                masks.removeSelf(view, server.revealedSecret(client, terms.threshold()), client);
                for (int colluding : COLLUDING) {
                    byte[] maskKey = server.advertisement(client).maskKey().shared();
                    byte[] secret = cohort.client(colluding).mask().agree(maskKey);
                    masks.removePair(view, secret, client, colluding);
                }
            }
            return view;
        }

        /** With a secret of A's that the server does not have. */
        RingVector viewWithoutLastMask() throws InvalidKeyException {
            RingVector view = view(A);
            try (Masks masks = masks()) {
                byte[] maskKey = server.advertisement(B).maskKey().shared();
                masks.removePair(view, cohort.client(A).mask().agree(maskKey), A, B);
            }
            return view;
        }

        private Masks masks() {
            return new Masks(server.transcript(A), terms.plan());
        }

        long[] words(RingVector vector) {
            long low = (1L << ring.bits) - 1;
            return vector.isWide(0)
                    ? Arrays.stream(vector.words64(0)).map(word -> word & low).toArray()
                    : Arrays.stream(vector.words32(0))
                            .mapToLong(word -> word & low)
                            .toArray();
        }
    }

    private static Seen zero;
    private static Seen largest;
    private static long[] viewOfZero;
    private static long[] viewOfLargest;

    @BeforeAll
    static void rounds() throws InvalidKeyException {
        zero = Seen.of(Ring.NARROW, Value.ZERO);
        largest = Seen.of(Ring.NARROW, Value.LARGEST);
        viewOfZero = zero.words(zero.view(A));
        viewOfLargest = largest.words(largest.view(A));
    }

    @Test
    void ringsHaveTheWidthsThatTheTestsCount() {
        for (Ring ring : Ring.values()) {
            KnownCohort cohort = new KnownCohort(new IntegerRule((double) ring.maxAbs), SETTING);
            SessionTerms terms = cohort.terms(new Drill(cohort, N, 1, client -> new double[1]).context(1), N);
            assertEquals(ring.bits, terms.plan().segments().get(0).bits());
            assertEquals(3, terms.threshold());
        }
    }

    @Test
    void aVectorOfZerosLooksUniform() {
        assertUniform(Ring.NARROW, viewOfZero);
    }

    @Test
    void aVectorOfTheLargestValueLooksUniform() {
        assertUniform(Ring.NARROW, viewOfLargest);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZERO", "SMALLEST"})
    void anyValueLooksUniformInWideWords(Value value) throws InvalidKeyException {
        Seen wide = Seen.of(Ring.WIDE, value);
        assertUniform(Ring.WIDE, wide.words(wide.view(A)));
    }

    @Test
    void twoVectorsAreNotToldApart() {
        for (int shift = 0; shift < Ring.NARROW.bits; shift += Byte.SIZE) {
            double statistic =
                    twoSamples(counts(viewOfZero, shift, Byte.SIZE), counts(viewOfLargest, shift, Byte.SIZE));
            assertTrue(statistic < LIMIT_255, "bits from " + shift + ": chi-square " + statistic);
        }
    }

    /** Both views together say the sum of the two contributions: that is what the protocol is for, and all they say. */
    @Test
    void theTwoHonestViewsAddUpToTheHonestSum() throws InvalidKeyException {
        RingVector both = largest.view(A);
        both.add(largest.view(B));
        long[] expected = new long[Ring.NARROW.length];
        Arrays.fill(expected, Ring.NARROW.maxAbs + 1);
        assertTrue(Arrays.equals(expected, largest.words(both)));
    }

    /** The control: without the one mask that the server cannot know, the same statistics see everything. */
    @Test
    void onlyTheMaskOfTheHonestPairHides() throws InvalidKeyException {
        for (Seen seen : new Seen[] {zero, largest}) {
            long[] words = seen.words(seen.viewWithoutLastMask());
            long value = seen.ring.valueOf(seen.equals(zero) ? Value.ZERO : Value.LARGEST);
            assertTrue(Arrays.stream(words).allMatch(word -> word == value));
            for (int shift = 0; shift < seen.ring.bits; shift += Byte.SIZE) {
                assertTrue(chiSquare(counts(words, shift, Byte.SIZE)) > LIMIT_255);
            }
        }
    }

    /** What is smaller or larger than the others says nothing of its sender's numbers. */
    @Test
    void messagesHaveOneSizeWhateverTheyHold() {
        for (Setting setting : new Setting[] {SETTING, signing()}) {
            KnownCohort cohort = new KnownCohort(new IntegerRule(1 << 20), setting);
            Eavesdropper server = new Eavesdropper(N);
            double[][] values = {{0, 0, 0}, {1 << 20, 1 << 20, 1 << 20}, {-(1 << 20), 5, 0}, {1, 1, -1}};
            Drill drill = new Drill(cohort, N, 3, client -> values[client]).over(server);
            assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
            List<ProtocolStage> stages = new ArrayList<>(List.of(ProtocolStage.values()));
            if (!setting.signs()) {
                stages.remove(ProtocolStage.CONSISTENCY);
            }
            for (ProtocolStage stage : stages) {
                Set<Integer> sizes = new HashSet<>();
                for (int client = 0; client < N; client++) {
                    sizes.add(server.message(stage, Direction.TO_SERVER, client).length);
                }
                assertEquals(1, sizes.size(), () -> stage + ": " + sizes);
            }
        }
    }

    private static Setting signing() {
        SimulatedIdentities identities = new SimulatedIdentities();
        return Setting.curious(new Tolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, identities);
    }

    private static void assertUniform(Ring ring, long[] words) {
        for (int shift = 0; shift < ring.bits; shift += Byte.SIZE) {
            double statistic = chiSquare(counts(words, shift, Byte.SIZE));
            assertTrue(statistic < LIMIT_255, "bits from " + shift + ": chi-square " + statistic);
        }
        if (words.length >= 10 << Short.SIZE) {
            for (int shift : new int[] {0, ring.bits - Short.SIZE}) {
                double statistic = chiSquare(counts(words, shift, Short.SIZE));
                assertTrue(statistic < LIMIT_65535, "bits from " + shift + ": chi-square " + statistic);
            }
        }
    }

    private static int[] counts(long[] words, int shift, int bits) {
        int[] counts = new int[1 << bits];
        for (long word : words) {
            counts[(int) (word >>> shift) & (counts.length - 1)]++;
        }
        return counts;
    }

    private static double chiSquare(int[] counts) {
        double expected = (double) Arrays.stream(counts).asLongStream().sum() / counts.length;
        return Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
    }

    /** Of two samples of one size: sum of (x - y)^2 / (x + y), with a degree of freedom less than there are bins. */
    private static double twoSamples(int[] some, int[] others) {
        double statistic = 0;
        for (int bin = 0; bin < some.length; bin++) {
            double difference = some[bin] - others[bin];
            statistic += difference * difference / (some[bin] + others[bin]);
        }
        return statistic;
    }
}
