package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recovered sum is exact against servers that lie, too; there clients can drop out at one more stage. */
class StrongerSettingsExactnessTest {

    private static final int N = 5;

    /** Of 250 patterns of two dropouts every seventh: 7 is prime to what can become of a client and to their pairs. */
    private static final int EVERY = 7;

    @ParameterizedTest(name = "threshold {0}")
    @ValueSource(ints = {3, 4})
    void sumsAreExactAgainstAMaliciousServer(int threshold) {
        DropoutRounds rounds = DropoutRounds.malicious(N, threshold);
        List<DropoutPattern> patterns = new ArrayList<>(patterns(0));
        patterns.addAll(patterns(1));
        assertEquals(1 + N * DropoutPattern.SIGNING.size(), patterns.size());
        List<DropoutPattern> pairs = patterns(2);
        assertEquals(N * (N - 1) / 2 * 25, pairs.size());
        IntStream.range(0, pairs.size())
                .filter(i -> i % EVERY == 0)
                .mapToObj(pairs::get)
                .forEach(patterns::add);
        patterns.parallelStream().forEach(rounds::check);
    }

    private static List<DropoutPattern> patterns(int dropouts) {
        return LongStream.range(0, DropoutPattern.count(DropoutPattern.SIGNING, N))
                .mapToObj(number -> DropoutPattern.number(DropoutPattern.SIGNING, N, number))
                .filter(pattern -> pattern.dropouts() == dropouts)
                .toList();
    }

    /** No sum with a probability of at most 2^-20, as the graph is that of the clients' keys. */
    @Test
    void sumsAreExactAgainstASemiMaliciousServerOnTheSparseGraph() {
        int n = 100;
        int dropouts = 5;
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        SecureSum rule = DropoutRounds.sum(new DropoutTolerance(0.01, 0.05)).semiMalicious(identities, identities);
        DropoutRounds rounds = new DropoutRounds(n, n - dropouts, rule);
        DropoutPattern pattern = DropoutPattern.random(DropoutPattern.SIGNING, n, dropouts, new DeterministicRandom(n));
        LossyNetwork network = new LossyNetwork(pattern, n);
        SecureRound.Outcome outcome = rounds.run(pattern, network);
        assertEquals(pattern.left(ProtocolStage.MASKED_INPUT), network.heard(ProtocolStage.MASKED_INPUT));
        rounds.checkSum(network, outcome, outcome::toString);
    }
}
