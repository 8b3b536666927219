package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The distributions. Seeds are fixed, so the tests do not flicker; "false rejection" is the probability that a correct
 * partitioner fails for a seed drawn at random.
 */
class PartitionerStatisticsTest {

    /**
     * One class, 5 clients, alpha = 1/2: each share is Beta(1/2, 2) with mean 1/5, variance 16/350 = 0.0457 and fourth
     * central moment 0.00798, so a squared deviation has standard deviation 0.0767. False rejection about 6e-6: five
     * standard deviations, ten statistics. Rounding to 1/1000 and the examples moved to empty clients shift a mean by
     * less than a tenth of the tolerance.
     */
    @Test
    void dirichletSharesHaveTheMeanAndVarianceOfTheirDistribution() {
        int trials = 10_000;
        Examples examples = LabelledRows.balanced(1000, 1);
        double[] mean = new double[5];
        double[] variance = new double[5];
        for (int seed = 0; seed < trials; seed++) {
            Partition partition = Partitioner.dirichlet(0.5).partition(examples, 5, seed);
            for (int k = 0; k < 5; k++) {
                double share = partition.size(k) / 1000.0;
                mean[k] += share / trials;
                variance[k] += (share - 0.2) * (share - 0.2) / trials;
            }
        }
        for (int k = 0; k < 5; k++) {
            assertEquals(0.2, mean[k], 5 * Math.sqrt(0.0457 / trials));
            assertEquals(0.0457, variance[k], 5 * 0.0767 / Math.sqrt(trials));
        }
    }

    /** A share's standard deviation is 1e-4, a tenth of an example: beyond 2 of 100 lies ten of them or more. */
    @Test
    void largeAlphaIsNearlyIid() {
        Examples examples = LabelledRows.balanced(10_000, 10);
        for (int[] ofClient :
                LabelledRows.counts(examples, Partitioner.dirichlet(1e6).partition(examples, 10, 1))) {
            for (int count : ofClient) {
                assertEquals(100, count, 2);
            }
        }
    }

    /**
     * With ten clients and alpha = 0.001 a class has less than 99 % of its examples at one client with probability
     * about 9 * 0.001 * log(100) = 0.04. False rejection 1e-6: at least six of ten classes would have to; and 1e-9
     * that all classes go to the same client, which is what shares that underflow would do.
     */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-300, Double.MIN_VALUE})
    void smallAlphaGivesEachClassToOneClient(double alpha) {
        Examples examples = LabelledRows.balanced(10_000, 10);
        Partition partition = Partitioner.dirichlet(alpha).partition(examples, 10, 2);
        int[][] counts = LabelledRows.counts(examples, partition);
        long concentrated = IntStream.range(0, 10)
                .filter(c -> Arrays.stream(counts).mapToInt(of -> of[c]).max().orElseThrow() >= 990)
                .count();
        assertTrue(concentrated >= 5, () -> concentrated + " classes");
        assertTrue(sizes(partition)[9] < 9900, partition::toString);
    }

    /**
     * Twenty classes of 500 examples over 1,000 clients in equal shares: each class reaches every second client. Along
     * independent orders a client's size is Binomial(20, 1/2), and 21 clients have 15 examples or more, with standard
     * deviation 4.5; along one order for all classes 500 clients had. False rejection below 1e-9.
     */
    @Test
    void roundingFavoursNobody() {
        Partition partition = Partitioner.dirichlet(1e6).partition(LabelledRows.balanced(10_000, 20), 1000, 3);
        long favoured =
                IntStream.of(sizes(partition)).filter(size -> size >= 15).count();
        assertTrue(favoured < 60, () -> favoured + " clients");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shardsThatDivideTheClassesGiveAtMostSoManyClasses(int shardsPerClient) {
        // 20 * shards shards of whole size in 10 classes of equal size: no shard straddles two classes.
        Examples examples = LabelledRows.balanced(6000, 10);
        Partition partition = Partitioner.shards(shardsPerClient).partition(examples, 20, 4);
        for (int k = 0; k < 20; k++) {
            assertEquals(300, partition.size(k));
            assertTrue(classes(LabelledRows.counts(examples, partition)[k]) <= shardsPerClient);
        }
    }

    @Test
    void shardsThatStraddleClassesTouchAtMostTwoEach() {
        // 21 clients * 2 shards of 142 or 143 examples in classes of 600: a shard meets at most one border.
        Examples examples = LabelledRows.balanced(6000, 10);
        Partition partition = Partitioner.shards(2).partition(examples, 21, 5);
        for (int k = 0; k < 21; k++) {
            assertTrue(Math.abs(partition.size(k) - 6000 / 21.0) <= 2);
            assertTrue(classes(LabelledRows.counts(examples, partition)[k]) <= 4);
        }
    }

    @Test
    void iidSizesDifferByAtMostOne() {
        Partition partition = Partitioner.iid().partition(LabelledRows.balanced(1003, 10), 20, 6);
        int[] sizes = sizes(partition);
        assertEquals(50, sizes[0]);
        assertEquals(51, sizes[19]);
    }

    /**
     * Whether a client's classes are a random sample. False rejection 1e-6: chi-square with 9 degrees of freedom (a
     * little less, as sampling is without replacement).
     */
    @Test
    void contentIsIidWhereOnlyQuantityIsSkewed() {
        Examples examples = LabelledRows.balanced(20_000, 10);
        for (Partitioner partitioner :
                new Partitioner[] {Partitioner.iid(), Partitioner.powerLaw(1), Partitioner.logNormal(1)}) {
            int[] counts = LabelledRows.counts(examples, partitioner.partition(examples, 10, 7))[0];
            double expected = IntStream.of(counts).sum() / 10.0;
            double chiSquare = IntStream.of(counts)
                    .mapToDouble(c -> (c - expected) * (c - expected) / expected)
                    .sum();
            assertTrue(chiSquare < 44.81, () -> partitioner + ": chi-square " + chiSquare);
        }
    }

    /** No randomness in the sizes, only in who gets which: share r^-a / sum, to within the rounding of two cuts. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1, 1.3})
    void powerLawSizesFollowTheirRanks(double exponent) {
        Partition partition = Partitioner.powerLaw(exponent).partition(LabelledRows.balanced(100_000, 10), 50, 8);
        int[] sizes = sizes(partition);
        double sum = IntStream.rangeClosed(1, 50)
                .mapToDouble(r -> Math.pow(r, -exponent))
                .sum();
        for (int r = 1; r <= 50; r++) {
            assertEquals(100_000 * Math.pow(r, -exponent) / sum, sizes[50 - r], 1);
        }
    }

    /** False rejection 1e-6: chi-square with 3 degrees of freedom on which of four clients is the largest. */
    @Test
    void powerLawRanksAreGivenAtRandom() {
        Examples examples = LabelledRows.balanced(100, 1);
        int[] first = new int[4];
        for (int seed = 0; seed < 4000; seed++) {
            Partition partition = Partitioner.powerLaw(1).partition(examples, 4, seed);
            int largest = IntStream.range(0, 4)
                    .filter(k -> partition.size(k) > 40)
                    .findFirst()
                    .orElseThrow();
            first[largest]++;
        }
        double chiSquare = Arrays.stream(first)
                .mapToDouble(c -> (c - 1000.0) * (c - 1000.0) / 1000)
                .sum();
        assertTrue(chiSquare < 30.66, () -> Arrays.toString(first));
    }

    /**
     * The logarithms of 2,000 sizes have standard deviation sigma. False rejection 6e-7 each: five standard deviations,
     * sigma / sqrt(2 n); sizes are around 300 and rounding them adds less than 1e-3.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1})
    void logNormalSizesHaveTheirSigma(double sigma) {
        Partition partition = Partitioner.logNormal(sigma).partition(LabelledRows.balanced(1_000_000, 1), 2000, 9);
        double[] logs = Arrays.stream(sizes(partition)).mapToDouble(Math::log).toArray();
        double mean = Arrays.stream(logs).average().orElseThrow();
        double variance =
                Arrays.stream(logs).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
        assertEquals(sigma, Math.sqrt(variance), 5 * sigma / Math.sqrt(2 * 2000) + 1e-3);
    }

    private static int classes(int[] counts) {
        return (int) IntStream.of(counts).filter(c -> c > 0).count();
    }

    private static int[] sizes(Partition partition) {
        return IntStream.range(0, partition.clients())
                .map(partition::size)
                .sorted()
                .toArray();
    }
}
