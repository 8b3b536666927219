package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.ShareCollection.DealtShares;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** What chance hardly does on the sparse graph: nearly all neighbours of one client drop out, few enough of the cohort. */
class SparseGraphDropoutsTest {

    private static final int N = 100;
    private static final int VICTIM = 42;

    /** Two of 18 holders are enough, and 20 clients may drop out. */
    private static final DropoutTolerance TOLERANCE = new DropoutTolerance(0, 0.2);

    /** The farthest in the graph's order: then each of the others, the lost ones too, keeps two holders. */
    private static final Comparator<Long> FEWEST_IN_COMMON = Comparator.naturalOrder();

    private final WatchedSum rule = new WatchedSum(
            SecureSum.on(new IntegerRule(N)).tolerating(TOLERANCE).onSparseGraph());

    /** The stage's answers of all neighbours of one client are lost, but for some; and its own as the test says. */
    private SecureRound.Outcome allNeighboursBut(int left, ProtocolStage at, IntPredicate andOf) {
        return allNeighboursBut(left, FEWEST_IN_COMMON, at, andOf);
    }

    private SecureRound.Outcome allNeighboursBut(
            int left, Comparator<Long> order, ProtocolStage at, IntPredicate andOf) {
        Drill drill = new Drill(rule, N, 1, client -> new double[] {client}).over((stage, way, client, message) -> {
            boolean lost = way == Direction.TO_SERVER
                    && ((stage == at && isLost(client, left, order))
                            || (stage == ProtocolStage.MASKED_INPUT && andOf.test(client)));
            return lost ? Optional.empty() : Optional.of(message);
        });
        SecureRound.Outcome outcome = drill.run(1);
        assertEquals(Map.of(), drill.failures());
        assertEquals(List.of(), drill.rejections());
        return outcome;
    }

    /** Left are the first by how many neighbours they have in common with the one. */
    private boolean isLost(int client, int left, Comparator<Long> order) {
        NeighbourGraph graph = rule.found(AdvertisedKeys.class).neighbours();
        List<Integer> near = Arrays.stream(graph.neighbours(VICTIM)).boxed().toList();
        return near.stream()
                .sorted(Comparator.comparing(
                        neighbour -> Arrays.stream(graph.neighbours(neighbour))
                                .filter(near::contains)
                                .count(),
                        order))
                .skip(left)
                .anyMatch(neighbour -> neighbour == client);
    }

    private static void requireSumOf(IntStream clients, SecureRound.Outcome outcome) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome, outcome::toString);
        int[] included = clients.toArray();
        assertEquals(Arrays.stream(included).mapToObj(Fixtures::client).toList(), recovered.included());
        assertEquals(
                (double) Arrays.stream(included).asLongStream().sum(),
                recovered.result().aggregate().get(0));
    }

    @Test
    void theGraphHasTheParametersUnderTest() {
        assertEquals(
                new GraphParameters(N, 18, 2, 80), GraphParameters.harary(Adversary.CURIOUS, TOLERANCE.rates(), N));
    }

    @Test
    void asManyHoldersAsTheThresholdAreEnoughForASurvivor() {
        SecureRound.Outcome outcome = allNeighboursBut(2, ProtocolStage.UNMASK, client -> false);
        requireSumOf(IntStream.range(0, N), outcome);
    }

    @Test
    void asManyHoldersAsTheThresholdAreEnoughForADropout() {
        SecureRound.Outcome outcome = allNeighboursBut(2, ProtocolStage.UNMASK, client -> client == VICTIM);
        requireSumOf(IntStream.range(0, N).filter(client -> client != VICTIM), outcome);
    }

    @Test
    void oneHolderFewerYieldsNoSum() {
        SecureRound.Outcome outcome = allNeighboursBut(1, ProtocolStage.UNMASK, client -> false);
        assertEquals(
                new SecureRound.Unrecovered(
                        "round 1: only 1 shares of client 'client-42' are left but the threshold is 2"),
                outcome);
    }

    /** Nobody could unmask it later, so it is not asked for its input. */
    @Test
    void aClientWithTooFewHoldersIsExcluded() {
        SecureRound.Outcome outcome = allNeighboursBut(1, ProtocolStage.SHARE_KEYS, client -> false);
        IndexSet dealt = rule.found(DealtShares.class).dealt();
        assertEquals(N - 17 - 1, dealt.size());
        requireSumOf(dealt.stream(), outcome);
        assertFalse(dealt.contains(VICTIM));
    }

    /** Next to it in the graph's order is one with the same neighbours but for one: without it, that one has too few too. */
    @Test
    void exclusionsRepeatUntilAllHaveEnoughHolders() {
        SecureRound.Outcome outcome =
                allNeighboursBut(1, FEWEST_IN_COMMON.reversed(), ProtocolStage.SHARE_KEYS, client -> false);
        IndexSet dealt = rule.found(DealtShares.class).dealt();
        assertEquals(N - 17 - 2, dealt.size());
        requireSumOf(dealt.stream(), outcome);
    }
}
