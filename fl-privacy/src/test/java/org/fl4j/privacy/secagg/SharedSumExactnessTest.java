package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shared sum is that of exactly the clients whose shares arrived, to the bit. */
class SharedSumExactnessTest {

    private static final int LENGTH = 3;
    private static final int MAX_ABS = 1 << 21;

    /** Each client takes part, or the request to it is lost, or its answer: 3^5 patterns. */
    @ParameterizedTest(name = "{0} servers, at least {1} clients")
    @CsvSource({"2,2", "2,4", "3,2", "3,5"})
    void everyDropoutPatternOfFive(int servers, int least) {
        int n = 5;
        SharedDrill drill = new SharedDrill(
                SharedSum.on(new IntegerRule(MAX_ABS)).ofAtLeast(least), servers, n, LENGTH, client -> values(client));
        for (int pattern = 0; pattern < 243; pattern++) {
            int[] fates = fates(pattern, n);
            drill.over(
                    (leg, who, number, message) -> isLost(leg, fates, who) ? Optional.empty() : Optional.of(message));
            int[] left =
                    IntStream.range(0, n).filter(client -> fates[client] == 0).toArray();

            assertOutcome(drill.run(1), left, least, n);
        }
        assertEquals(List.of(), drill.rejections);
        assertEquals(Map.of(), drill.failures);
    }

    private static int[] fates(int pattern, int n) {
        int[] fates = new int[n];
        for (int client = 0, rest = pattern; client < n; client++, rest /= 3) {
            fates[client] = rest % 3;
        }
        return fates;
    }

    private static boolean isLost(SharedDrill.Leg leg, int[] fates, int who) {
        return (leg == SharedDrill.Leg.TO_CLIENT && fates[who] == 1)
                || (leg == SharedDrill.Leg.FROM_CLIENT && fates[who] == 2);
    }

    private static void assertOutcome(SecureRound.Outcome outcome, int[] left, int least, int n) {
        if (left.length < least) {
            assertEquals(
                    new SecureRound.Unrecovered("round 1: the shares of " + left.length + " of " + n
                            + " clients arrived, but a shared sum must be over at least " + least),
                    outcome);
            return;
        }
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome);
        assertEquals(Arrays.stream(left).mapToObj(Fixtures::client).toList(), recovered.included());
        for (int i = 0; i < LENGTH; i++) {
            int at = i;
            double sum = Arrays.stream(left)
                    .mapToDouble(client -> values(client)[at])
                    .sum();
            assertEquals(sum, recovered.result().aggregate().get(i));
        }
    }

    private static double[] values(int client) {
        return Drill.values(client, LENGTH);
    }

    /** More than two batches at the leading server, and two passes of keys at the other. */
    @Test
    void manyClients() {
        int n = 3 * ShareCollector.BATCH + 19;
        SharedDrill drill = new SharedDrill(
                        SharedSum.on(new IntegerRule(MAX_ABS)), 2, n, LENGTH, client -> values(client))
                .over((leg, who, number, message) ->
                        leg == SharedDrill.Leg.FROM_CLIENT && who % 7 == 3 ? Optional.empty() : Optional.of(message));

        assertOutcome(
                drill.run(1),
                IntStream.range(0, n).filter(client -> client % 7 != 3).toArray(),
                2,
                n);
    }

    /** Rings of 4 to 54 bits, words of 32 and 64 side by side, every contribution at an end of its range. */
    @ParameterizedTest(name = "{0} servers")
    @ValueSource(ints = {2, 3})
    void severalSegmentsAtTheEndsOfTheirRanges(int servers) {
        double[] bounds = {1, 1 << 15, 0x1p28, 0x1p29, 0x1p40, 0x1p49};
        List<Segment> parts = IntStream.range(0, bounds.length)
                .mapToObj(i -> new Segment("part" + i, 1 + i % 3, bounds[i], OptionalDouble.of(1)))
                .toList();
        SegmentsRule rule = new SegmentsRule(parts);
        double[][] deltas = new double[6][];
        Arrays.setAll(deltas, client -> ends(parts, client));
        SharedDrill drill = new SharedDrill(SharedSum.on(rule), servers, 6, rule.length(), client -> deltas[client]);

        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        for (int i = 0; i < rule.length(); i++) {
            int at = i;
            assertEquals(
                    Arrays.stream(deltas).mapToDouble(delta -> delta[at]).sum(),
                    recovered.result().aggregate().get(i));
        }
    }

    private static double[] ends(List<Segment> parts, int client) {
        DeterministicRandom random = new DeterministicRandom(client);
        return parts.stream()
                .flatMapToDouble(part -> IntStream.range(0, (int) part.length())
                        .mapToDouble(
                                i -> random.nextInt(4) == 0 ? 0 : part.maxAbs() * (random.nextInt(3) == 0 ? -1 : 1)))
                .toArray();
    }

    /** Contributions that are rounded at random are rounded alike. */
    @ParameterizedTest(name = "{0} servers")
    @ValueSource(ints = {2, 3})
    void hasTheBitsOfTheMaskedSum(int servers) {
        FedAvg rule = FedAvg.byCappedExamples(4);
        FixedPoint numbers = FixedPoint.within(2).inSteps(9);
        int length = 50;
        int n = 6;
        Drill masked = new Drill(SecureSum.on(rule, numbers), n, length, client -> reals(client, length));
        SharedDrill shared =
                new SharedDrill(SharedSum.on(rule, numbers), servers, n, length, client -> reals(client, length));

        for (int round = 1; round <= 3; round++) {
            SecureRound.Recovered expected = assertInstanceOf(SecureRound.Recovered.class, masked.run(round));
            SecureRound.Recovered actual = assertInstanceOf(SecureRound.Recovered.class, shared.run(round));
            assertEquals(expected.included(), actual.included());
            assertEquals(expected.result().aggregate(), actual.result().aggregate());
        }
    }

    private static double[] reals(int client, int length) {
        DeterministicRandom random = new DeterministicRandom(client);
        return IntStream.range(0, length)
                .mapToDouble(i -> random.nextGaussian() / 4)
                .toArray();
    }

    /** Its coordinate is out of range: the update is refused at the client, and the others' sum stands. */
    @Test
    void aClientOutOfRangeDropsOut() {
        SharedDrill drill = new SharedDrill(
                SharedSum.on(new IntegerRule(5)), 2, 3, 1, client -> new double[] {client == 1 ? 6 : client});

        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        assertEquals(List.of(Fixtures.client(0), Fixtures.client(2)), recovered.included());
        assertEquals(2, recovered.result().aggregate().get(0));
        assertEquals(List.of(1), List.copyOf(drill.failures.keySet()));
    }

    @Test
    void namesEachClientOnce() {
        List<ClientId> cohort = List.of(Fixtures.client(0), Fixtures.client(1), Fixtures.client(0));
        SharedDrill drill = new SharedDrill(SharedSum.on(new IntegerRule(5)), 2, 3, 1, client -> new double[1]);

        assertEquals(
                "client 'client-0' is in the cohort twice",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SharedSum.on(new IntegerRule(5))
                                        .begin(drill.local().context(1), cohort))
                        .getMessage());
    }
}
