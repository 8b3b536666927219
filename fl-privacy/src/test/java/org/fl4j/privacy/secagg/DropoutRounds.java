package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;

/**
 * Runs rounds of one cohort under patterns of dropouts on the complete graph and holds each to what counting says: with
 * fewer than the threshold left after any stage no sum, and the reason; else the sum of exactly those whose input arrived.
 */
final class DropoutRounds {

    private static final int ROUND = 1;
    private static final int MAX_ABS = 1 << 21;
    private static final int LENGTH = 3;

    private final int n;
    private final int threshold;
    private final SecureSum rule;
    private final long[][] values;

    DropoutRounds(int n, int threshold, SecureSum rule) {
        this.n = n;
        this.threshold = threshold;
        this.rule = rule;
        this.values = values(n);
    }

    static DropoutRounds curious(int n, int threshold) {
        return new DropoutRounds(n, threshold, sum(n, threshold));
    }

    static DropoutRounds malicious(int n, int threshold) {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        return new DropoutRounds(n, threshold, sum(n, threshold).malicious(identities, identities));
    }

    /** One that has this threshold: n - ceil(n - t - 1/2) = t. */
    static DropoutTolerance tolerance(int n, int threshold) {
        return DropoutTolerance.ofDropouts(Math.max(0, n - threshold - 0.5) / n);
    }

    private static SecureSum sum(int n, int threshold) {
        return sum(tolerance(n, threshold)).unmaskingOn(1);
    }

    /** Of whole numbers, such as each client has here. */
    static SecureSum sum(DropoutTolerance tolerance) {
        return SecureSum.on(new IntegerRule(MAX_ABS)).tolerating(tolerance);
    }

    private static long[][] values(int n) {
        DeterministicRandom random = new DeterministicRandom(n);
        long[][] values = new long[n][LENGTH];
        for (long[] ofClient : values) {
            for (int i = 0; i < LENGTH; i++) {
                ofClient[i] = random.nextInt(2 * MAX_ABS + 1) - (long) MAX_ABS;
            }
        }
        return values;
    }

    /** Throws unless the round ends as it must, and asks whom it must on the way. */
    void check(DropoutPattern pattern) {
        LossyNetwork network = new LossyNetwork(pattern, pattern.missingFrom().hashCode());
        SecureRound.Outcome outcome = run(pattern, network);
        Supplier<String> which = () -> pattern.missingFrom() + ", threshold " + threshold + ": " + outcome;
        if (pattern.shortAfter(threshold).isPresent()) {
            ProtocolStage last = pattern.shortAfter(threshold).orElseThrow();
            assertEquals(new SecureRound.Unrecovered(reason(pattern, last)), outcome, which);
            checkAsked(pattern, network, last, which);
        } else {
            assertEquals(pattern.left(ProtocolStage.MASKED_INPUT), network.heard(ProtocolStage.MASKED_INPUT), which);
            checkSum(network, outcome, which);
            checkAsked(pattern, network, ProtocolStage.UNMASK, which);
        }
    }

    private String reason(DropoutPattern pattern, ProtocolStage last) {
        return "round " + ROUND + ": " + pattern.left(last).size() + " of " + n + " clients are left after " + last
                + " but the threshold is " + threshold;
    }

    /** Whoever answered all before is asked, and nobody else; after the last stage nobody. */
    private static void checkAsked(
            DropoutPattern pattern, LossyNetwork network, ProtocolStage last, Supplier<String> which) {
        List<Integer> due = IntStream.range(0, pattern.n()).boxed().toList();
        for (ProtocolStage stage : pattern.stages()) {
            assertEquals(stage.compareTo(last) <= 0 ? due : List.of(), network.asked(stage), which);
            due = pattern.left(stage);
        }
    }

    SecureRound.Outcome run(DropoutPattern pattern, LossyNetwork network) {
        Drill drill = new Drill(
                        rule,
                        n,
                        LENGTH,
                        client -> LongStream.of(values[client]).asDoubleStream().toArray())
                .over(network);
        SecureRound.Outcome outcome = drill.run(ROUND);
        assertEquals(Map.of(), drill.failures(), pattern::toString);
        assertEquals(List.of(), drill.rejections(), pattern::toString);
        return outcome;
    }

    /** The sum, to the bit, of those whose masked inputs the network carried to the server. */
    void checkSum(LossyNetwork network, SecureRound.Outcome outcome, Supplier<String> which) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome, which);
        List<Integer> included = network.heard(ProtocolStage.MASKED_INPUT);
        assertEquals(included.stream().map(Fixtures::client).toList(), recovered.included(), which);
        for (int i = 0; i < LENGTH; i++) {
            int coordinate = i;
            long sum = included.stream()
                    .mapToLong(client -> values[client][coordinate])
                    .sum();
            assertEquals((double) sum, recovered.result().aggregate().get(i), which);
        }
    }
}
