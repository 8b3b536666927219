package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.LongStream;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The recovered sum is exact for every dropout pattern of small cohorts. Seven clients, each in its place, are
 * {@link DropoutPatternsLongRun}.
 */
class ExactnessTest {

    @ParameterizedTest(name = "{0} clients, threshold {1}")
    @CsvSource({"2,2", "3,2", "3,3", "4,2", "4,3", "4,4", "5,3"})
    void sumsAreExactForEveryDropoutPattern(int n, int threshold) {
        requireThreshold(n, threshold);
        DropoutRounds rounds = DropoutRounds.curious(n, threshold);
        LongStream.range(0, DropoutPattern.count(DropoutPattern.CURIOUS, n))
                .parallel()
                .mapToObj(number -> DropoutPattern.number(DropoutPattern.CURIOUS, n, number))
                .forEach(rounds::check);
    }

    /** Who is who does not matter to the protocol but for an order, which is drawn. */
    @ParameterizedTest(name = "{0} clients, threshold {1}")
    @CsvSource({"6,4", "7,4"})
    void sumsAreExactForEveryDropoutPatternUpToRenaming(int n, int threshold) {
        requireThreshold(n, threshold);
        DropoutRounds rounds = DropoutRounds.curious(n, threshold);
        List<DropoutPattern> patterns = LongStream.range(0, DropoutPattern.count(DropoutPattern.CURIOUS, n))
                .mapToObj(number -> DropoutPattern.number(DropoutPattern.CURIOUS, n, number))
                .filter(DropoutPattern::isSorted)
                .toList();
        // With repetition: (n + 4 over 4).
        assertEquals((n + 4) * (n + 3) * (n + 2) * (n + 1) / 24, patterns.size());
        patterns.parallelStream()
                .map(pattern -> pattern.shuffled(new DeterministicRandom(pattern.hashCode())))
                .forEach(rounds::check);
    }

    private static void requireThreshold(int n, int threshold) {
        DropoutTolerance tolerance = DropoutRounds.tolerance(n, threshold);
        assertEquals(
                threshold,
                GraphParameters.complete(Adversary.CURIOUS, tolerance.rates(), n)
                        .threshold());
    }
}
