package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.SharedDrill.Leg;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A message that is damaged, repeated or lost costs its client, or the round, and never changes a sum. */
class SharedSumTamperTest {

    private static final int N = 4;
    private static final int SERVERS = 3;
    private static final int LENGTH = 5;

    private SharedDrill drill() {
        return new SharedDrill(SharedSum.on(new IntegerRule(1 << 21)), SERVERS, N, LENGTH, SharedSumTamperTest::values);
    }

    private static double[] values(int client) {
        return Drill.values(client, LENGTH);
    }

    private static void assertSumWithout(SecureRound.Outcome outcome, int... dropped) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome);
        int[] left = IntStream.range(0, N)
                .filter(client -> Arrays.stream(dropped).noneMatch(each -> each == client))
                .toArray();
        assertEquals(Arrays.stream(left).mapToObj(Fixtures::client).toList(), recovered.included());
        for (int i = 0; i < LENGTH; i++) {
            int at = i;
            assertEquals(
                    Arrays.stream(left)
                            .mapToDouble(client -> values(client)[at])
                            .sum(),
                    recovered.result().aggregate().get(i));
        }
    }

    private static SecureRound.Unrecovered assertLost(SecureRound.Outcome outcome) {
        SecureRound.Unrecovered none = assertInstanceOf(SecureRound.Unrecovered.class, outcome);
        assertEquals(SecureRound.Cause.LOST_SERVER, none.cause());
        return none;
    }

    /** Every kind of damage, with its checksum right in half the cases, to every message there is. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(Damage.class)
    void damage(Damage damage) {
        DeterministicRandom random = new DeterministicRandom(damage.name().hashCode());
        List<byte[]> donors = new ArrayList<>();
        drill().over((leg, who, number, message) -> {
                    donors.add(message.clone());
                    return Optional.of(message);
                })
                .run(1);
        for (Leg leg : Leg.values()) {
            boolean ofClient = leg == Leg.TO_CLIENT || leg == Leg.FROM_CLIENT;
            for (int number = 0; number < (ofClient ? 1 : 3); number++) {
                for (int time = 0; time < (damage == Damage.HUGE ? 1 : 6); time++) {
                    checkDamage(damage, leg, number, time % 2 == 0, donors, random);
                }
            }
        }
    }

    private void checkDamage(
            Damage damage, Leg leg, int number, boolean fixed, List<byte[]> donors, DeterministicRandom random) {
        boolean[] changed = {false};
        int seal = number == 0 ? 0 : 16;
        SecureRound.Outcome outcome = drill().over((at, who, which, message) -> {
                    if (at != leg || who != 1 || which != number) {
                        return Optional.of(message);
                    }
                    byte[] damaged = damage.of(message, donors, random);
                    damaged = fixed ? Damage.withChecksum(damaged, seal) : damaged;
                    changed[0] = !Arrays.equals(damaged, message);
                    return Optional.of(damaged);
                })
                .run(1);
        if (!changed[0]) {
            assertSumWithout(outcome);
        } else if (leg == Leg.TO_CLIENT || leg == Leg.FROM_CLIENT) {
            assertSumWithout(outcome, 1);
        } else {
            assertLost(outcome);
        }
    }

    @ParameterizedTest(name = "{0}, message {1} of server {2}")
    @CsvSource({
        "TO_HOLDER, 0, 1", "TO_HOLDER, 1, 1", "TO_HOLDER, 2, 1", "FROM_HOLDER, 0, 1", "FROM_HOLDER, 1, 1",
        "FROM_HOLDER, 2, 1", "TO_HOLDER, 0, 2", "TO_HOLDER, 1, 2", "TO_HOLDER, 2, 2", "FROM_HOLDER, 0, 2",
        "FROM_HOLDER, 1, 2", "FROM_HOLDER, 2, 2"
    })
    void aLostServerEndsTheRoundAndTheNextOneGoesOn(Leg leg, int number, int server) {
        boolean[] broken = {true};
        SharedDrill drill = drill().over((at, who, which, message) ->
                broken[0] && at == leg && who == server && which == number ? Optional.empty() : Optional.of(message));

        assertEquals(
                "round 1: server " + (1 + server) + " of the shared sum: java.io.IOException: "
                        + (leg == Leg.TO_HOLDER ? "no route" : "no answer"),
                assertLost(drill.run(1)).reason());
        broken[0] = false;
        assertSumWithout(drill.run(2));
    }

    /** Recorded in one round and sent in the next, everything from one end. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(Leg.class)
    void messagesOfTheRoundBefore(Leg leg) {
        Map<String, byte[]> recorded = new HashMap<>();
        SharedDrill drill = drill();
        drill.over((at, who, number, message) -> {
                    recorded.put(at + " " + who + " " + number, message.clone());
                    return Optional.of(message);
                })
                .run(1);
        drill.over((at, who, number, message) ->
                Optional.of(at == leg && who == 1 ? recorded.get(at + " " + who + " " + number) : message));
        // The same round's number, as after a resume.
        SecureRound.Outcome outcome = drill.run(1);
        if (leg == Leg.TO_CLIENT || leg == Leg.FROM_CLIENT) {
            assertSumWithout(outcome, 1);
        } else {
            assertLost(outcome);
        }
    }

    /** Of two clients each sends the other's answer. */
    @Test
    void answersOfOtherClients() {
        Map<Integer, byte[]> answers = new HashMap<>();
        SharedDrill drill = drill();
        drill.over((leg, who, number, message) -> {
            if (leg != Leg.FROM_CLIENT) {
                return Optional.of(message);
            }
            answers.put(who, message);
            return Optional.of(who == 2 ? answers.get(1) : message);
        });

        assertSumWithout(drill.run(1), 2);
        assertEquals(
                List.of("client 'client-2', round 1: its shares are of another client, round or session"),
                drill.rejections);
    }

    /** A box that opens at one server and not at the other: the client is in neither part of the sum. */
    @ParameterizedTest(name = "of server {0}, byte {1}")
    @CsvSource({"2, 14", "2, 1103", "3, 14", "3, 1103"})
    void aBoxThatDoesNotOpenDropsItsClientAtAllServers(int server, int at) {
        SharedDrill drill = drill().over((leg, who, number, message) -> {
            if (leg == Leg.FROM_CLIENT && who == 3) {
                // The record ends in the parts of servers 2 and 3, each an encapsulation and a box behind their
                // lengths, and its checksum.
                byte[] altered = message.clone();
                altered[altered.length - 4 - (4 - server) * (4 + 1088 + 4 + 48) + at] ^= 1;
                return Optional.of(Damage.withChecksum(altered, 0));
            }
            return Optional.of(message);
        });

        assertSumWithout(drill.run(1), 3);
    }

    /** Two operators that state each other's servers in another order hold no boxes for each other. */
    @Test
    void ordersThatDiffer() {
        SharedDrill drill = drill();
        List<ShareServer> reversed = List.of(
                ShareServer.known(drill.identities().get(1).getPublic()),
                ShareServer.known(drill.identities().get(0).getPublic()));
        SharedSum other = drill.known().amongServers(reversed);
        SecureRound.Outcome outcome = drill.run(
                1, (server, holder) -> ShareHolder.of(other, drill.identities().get(server - 1)));

        String reason = assertLost(outcome).reason();
        assertTrue(reason.contains("were all configured alike?"), reason);
    }

    @Test
    void configurationsThatMeanNothing() {
        SharedSum rule = SharedSum.on(new IntegerRule(1));
        KeyPair keys = Ed25519.freshKeys();
        ShareServer server = ShareServer.known(keys.getPublic());

        assertMessage(
                "a sum is shared between 2 or 3 servers, the leading one included, but was 1",
                () -> rule.amongServers(1));
        assertMessage(
                "a sum is shared between 2 or 3 servers, the leading one included, but was 4",
                () -> rule.amongServers(4));
        assertMessage(
                "a sum is shared between 2 or 3 servers, the leading one included, but was 1",
                () -> rule.amongServers(List.of()));
        assertMessage(
                "two servers have the same identity; shares held twice by one hide nothing",
                () -> rule.amongServers(List.of(server, server)));
        assertMessage("smallest cohort must be at least 2, but was 1", () -> rule.ofAtLeast(1));
        assertMessage(
                "largest cohort must be at least 5, but was 4",
                () -> rule.ofAtLeast(5).ofAtMost(4));
        assertMessage(
                "the identity key is not that of any server of SharedSum(2 servers, at least 2 clients, FixedPoint(unstated)) of"
                        + " IntegerRule[maxAbs=1.0], so no client would seal a share to it",
                () -> ShareHolder.of(rule, keys));
        assertMessage(
                "a shared sum must be over at most 2 clients, but was 3; SharedSum's .ofAtMost(...) sets the bound",
                () -> rule.ofAtMost(2)
                        .begin(
                                drill().local().context(1),
                                List.of(Fixtures.client(0), Fixtures.client(1), Fixtures.client(2))));
    }

    private static void assertMessage(String message, Executable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }
}
