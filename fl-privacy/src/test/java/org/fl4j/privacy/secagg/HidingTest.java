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
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.privacy.secagg.internal.vector.RingWords;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server follows the protocol, keeps everything, and has all secrets of all clients but two honest ones, A and B. So
 * it can take off their masked inputs whatever the protocol lets it: the self-mask, whose seed survival reveals, and the masks
 * of all pairs with its own clients. What is left is a contribution under the mask of the pair (A, B), and must be uniform,
 * whatever the contribution is: A's is one constant and B's another.
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
    private static final ThreatModel SETTING =
            ThreatModel.curious(DropoutTolerance.ofDropouts(0.25).withAdversaries(0.5));

    /** The 1 - 1e-9 quantile of chi-square, by scipy.stats.chi2.isf(1e-9, 255). */
    private static final double LIMIT_255 = 414.55;

    /** By scipy.stats.chi2.isf(1e-9, 65535). */
    private static final double LIMIT_65535 = 67_729.8;

    /** Of 32 bits, whose words are ints, and of 40, whose words are longs; with what A and B contribute everywhere. */
    enum Ring {
        NARROW(32, 1L << 28, 1_000_000, 0, 1L << 28),
        WIDE(40, 1L << 36, 100_000, -(1L << 36), 1L << 36);

        private final int bits;
        private final long maxAbs;
        private final int length;
        private final long ofA;
        private final long ofB;

        Ring(int bits, long maxAbs, int length, long ofA, long ofB) {
            this.bits = bits;
            this.maxAbs = maxAbs;
            this.length = length;
            this.ofA = ofA;
            this.ofB = ofB;
        }

        LinearAggregator rule() {
            return new IntegerRule((double) maxAbs);
        }

        /** As a word of the ring. */
        long word(long value) {
            return value & ((1L << bits) - 1);
        }
    }

    /** A round of which the server saw everything. */
    private record Seen(Ring ring, KnownCohort cohort, Eavesdropper server, SessionTerms terms) {

        static Seen of(Ring ring) {
            KnownCohort cohort = new KnownCohort(ring.rule(), SETTING);
            Eavesdropper server = new Eavesdropper(N);
            double[] ofA = constant(ring.length, ring.ofA);
            double[] ofB = constant(ring.length, ring.ofB);
            double[] ofOthers = constant(ring.length, 1);
            ModelWeights weights = ModelWeights.copyOf(Fixtures.layout(ring.length), new double[ring.length]);
            Drill drill = new Drill(cohort, N, ring.length, client -> client == A ? ofA : client == B ? ofB : ofOthers)
                    .over(server)
                    .handing(client -> weights);
            SecureRound.Outcome outcome = drill.run(1);
            assertEquals(Map.of(), drill.failures());
            assertInstanceOf(SecureRound.Recovered.class, outcome);
            return new Seen(ring, cohort, server, cohort.terms(drill.context(1), N));
        }

        private static double[] constant(int length, long value) {
            double[] values = new double[length];
            Arrays.fill(values, (double) value);
            return values;
        }

        /** An honest client's masked input without the masks that server and colluding clients know. */
        RingVector view(int client) throws InvalidKeyException {
            RingVector view = server.maskedVector(client, terms.plan());
            try (Masks masks = masks()) {
                byte[] seed = server.revealedSecret(client, terms.threshold());
                masks.removeSelves(view, new byte[][] {seed}, new int[] {client});
                for (int colluding : COLLUDING) {
                    byte[] maskKey = server.advertisement(client).maskKey().shared();
                    byte[] secret = cohort.client(colluding).mask().agree(maskKey);
                    masks.addPairs(view, new byte[][] {secret}, colluding, new int[] {client});
                }
            }
            return view;
        }

        /** With a secret that the server does not have. */
        RingVector withoutLastMask(RingVector view, int client) throws InvalidKeyException {
            try (Masks masks = masks()) {
                byte[] maskKey = server.advertisement(A + B - client).maskKey().shared();
                byte[] secret = cohort.client(client).mask().agree(maskKey);
                masks.addPairs(view, new byte[][] {secret}, A + B - client, new int[] {client});
            }
            return view;
        }

        private Masks masks() {
            return new Masks(server.transcript(A), terms.plan());
        }

        long[] words(RingVector vector) {
            return Arrays.stream(RingWords.of(vector, 0)).map(ring::word).toArray();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ringsHaveTheWidthsUnderTest(Ring ring) {
        KnownCohort cohort = new KnownCohort(ring.rule(), SETTING);
        SessionTerms terms = cohort.terms(new Drill(cohort, N, 1, client -> new double[1]).context(1), N);
        assertEquals(ring.bits, terms.plan().segments().get(0).bits());
        assertEquals(3, terms.threshold());
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheMaskOfTheHonestPairHides(Ring ring) throws InvalidKeyException {
        Seen seen = Seen.of(ring);
        RingVector viewOfA = seen.view(A);
        RingVector viewOfB = seen.view(B);
        assertUniform(ring, seen.words(viewOfA));
        assertUniform(ring, seen.words(viewOfB));
        assertNotToldApart(ring, seen.words(viewOfA), seen.words(viewOfB));
        assertSumIsKnown(seen, viewOfA, viewOfB);
        // The control: without the one mask that the server cannot know, the same statistics see everything.
        assertSeen(ring, ring.ofA, seen.words(seen.withoutLastMask(viewOfA, A)));
        assertSeen(ring, ring.ofB, seen.words(seen.withoutLastMask(viewOfB, B)));
    }

    /** Two samples of one size: coordinates of the first half and of the second, as at one coordinate both views depend. */
    private static void assertNotToldApart(Ring ring, long[] ofA, long[] ofB) {
        int half = ring.length / 2;
        long[] some = Arrays.copyOfRange(ofA, 0, half);
        long[] others = Arrays.copyOfRange(ofB, half, 2 * half);
        for (int shift = 0; shift < ring.bits; shift += Byte.SIZE) {
            double statistic = twoSamples(counts(some, shift, Byte.SIZE), counts(others, shift, Byte.SIZE));
            assertTrue(statistic < LIMIT_255, "bits from " + shift + ": chi-square " + statistic);
        }
    }

    /** Both views together say the sum of the two contributions: that is what the protocol is for, and all they say. */
    private static void assertSumIsKnown(Seen seen, RingVector viewOfA, RingVector viewOfB) {
        RingVector both = RingVector.zero(seen.terms.plan());
        RingWords.add(both, viewOfA);
        RingWords.add(both, viewOfB);
        long sum = seen.ring.word(seen.ring.ofA + seen.ring.ofB);
        assertTrue(Arrays.stream(seen.words(both)).allMatch(word -> word == sum));
    }

    private static void assertSeen(Ring ring, long value, long[] words) {
        assertTrue(Arrays.stream(words).allMatch(word -> word == ring.word(value)));
        for (int shift = 0; shift < ring.bits; shift += Byte.SIZE) {
            assertTrue(chiSquare(counts(words, shift, Byte.SIZE)) > LIMIT_255);
        }
    }

    /** What is smaller or larger than the others says nothing of its sender's numbers. */
    @Test
    void messagesHaveOneSizeWhateverTheyHold() {
        for (ThreatModel threatModel : new ThreatModel[] {SETTING, signing()}) {
            KnownCohort cohort = new KnownCohort(new IntegerRule(1 << 20), threatModel);
            Eavesdropper server = new Eavesdropper(N);
            double[][] values = {{0, 0, 0}, {1 << 20, 1 << 20, 1 << 20}, {-(1 << 20), 5, 0}, {1, 1, -1}};
            Drill drill = new Drill(cohort, N, 3, client -> values[client]).over(server);
            assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
            List<ProtocolStage> stages = new ArrayList<>(List.of(ProtocolStage.values()));
            if (!threatModel.signs()) {
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

    private static ThreatModel signing() {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        return ThreatModel.curious(new DropoutTolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, identities);
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

    /** Sum of (x - y)^2 / (x + y), with a degree of freedom less than there are bins. */
    private static double twoSamples(int[] some, int[] others) {
        double statistic = 0;
        for (int bin = 0; bin < some.length; bin++) {
            double difference = some[bin] - others[bin];
            statistic += difference * difference / (some[bin] + others[bin]);
        }
        return statistic;
    }
}
