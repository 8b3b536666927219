package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;

/**
 * The recovered sum is exact in large cohorts. Dropouts are seeded, the sparse graph is the server's own: as long as
 * no more than the tolerated share drop out, a round without a sum has a probability of at most 2^-20.
 */
class RandomDropoutsTest {

    /**
     * A round on the sparse graph.
     *
     * @param dropouts how many drop out
     * @param tolerated how many may
     */
    record Sparse(int n, DropoutTolerance tolerance, int dropouts, int tolerated) {

        void check() {
            DropoutPattern pattern = DropoutPattern.random(
                    DropoutPattern.CURIOUS, n, dropouts, new DeterministicRandom(1_000L * n + dropouts));
            DropoutRounds rounds = new DropoutRounds(
                    n, n - tolerated, DropoutRounds.sum(tolerance).onSparseGraph());
            LossyNetwork network = new LossyNetwork(pattern, n);
            SecureRound.Outcome outcome = rounds.run(pattern, network);
            assertEquals(dropouts, pattern.dropouts());
            if (dropouts <= tolerated) {
                rounds.checkSum(network, outcome, () -> this + ": " + outcome);
                assertEquals(
                        pattern.left(ProtocolStage.MASKED_INPUT),
                        network.heard(ProtocolStage.MASKED_INPUT),
                        this::toString);
            } else {
                assertInstanceOf(SecureRound.Unrecovered.class, outcome, () -> this + ": " + outcome);
            }
        }
    }

    @Test
    void sumsAreExactOnTheSparseGraph() {
        DropoutTolerance third = new DropoutTolerance(0.05, 0.33);
        DropoutTolerance tenth = new DropoutTolerance(0.01, 0.1);
        // The longest first.
        List.of(
                        new Sparse(1_000, tenth, 100, 100),
                        new Sparse(300, tenth, 30, 30),
                        new Sparse(300, tenth, 31, 30),
                        new Sparse(100, third, 20, 33),
                        new Sparse(100, third, 33, 33),
                        new Sparse(100, third, 34, 33),
                        new Sparse(100, third, 60, 33))
                .parallelStream()
                .forEach(Sparse::check);
    }

    @Test
    void sumsAreExactOnTheCompleteGraph() {
        DropoutRounds rounds = DropoutRounds.curious(60, 40);
        List.of(20, 21).parallelStream()
                .forEach(dropouts -> rounds.check(DropoutPattern.random(
                        DropoutPattern.CURIOUS, 60, dropouts, new DeterministicRandom(60_000L + dropouts))));
    }
}
