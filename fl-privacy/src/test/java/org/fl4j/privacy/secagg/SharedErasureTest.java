package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.fl4j.privacy.secagg.SharedDrill.Leg;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a round ends, the arrays that held secrets of the servers are zero: all that was found in them at any time of it. */
class SharedErasureTest {

    private static final int N = 3;

    private final SharedDrill drill = new SharedDrill(
            SharedSum.on(new IntegerRule(1000)), 3, N, 3, client -> new double[] {1 + client, 7, -1 - client});
    private final ReachableSecrets reachable = new ReachableSecrets();
    private final Set<String> seen = new TreeSet<>();

    private SharedDrill watched(SharedDrill.Network network) {
        return drill.over((leg, who, number, message) -> {
            try {
                for (Object server : drill.servers()) {
                    reachable.collect(server);
                }
            } catch (IllegalAccessException e) {
                throw new LinkageError(e.getMessage(), e);
            }
            seen.addAll(reachable.legible());
            return network.carry(leg, who, number, message);
        });
    }

    @Test
    void afterASum() {
        assertInstanceOf(
                SecureRound.Recovered.class,
                watched((leg, who, number, message) -> Optional.of(message)).run(1));
        assertEquals(
                Set.of(
                        "HolderSession.seeds",
                        "KeyPair25519.scalar",
                        "RingVector.narrow",
                        "RoundKeys.decapsulation",
                        "ServerLink.root",
                        "Waiting.part"),
                seen);
        assertEquals(Set.of(), reachable.legible());
    }

    /** At the announcement, while shares are transferred, and when sums are asked for. */
    @ParameterizedTest(name = "message {0}")
    @ValueSource(ints = {0, 1, 2})
    void afterALostServer(int message) {
        assertInstanceOf(
                SecureRound.Unrecovered.class,
                watched((leg, who, number, bytes) -> leg == Leg.FROM_HOLDER && who == 2 && number == message
                                ? Optional.empty()
                                : Optional.of(bytes))
                        .run(1));
        assertEquals(Set.of(), reachable.legible());
    }

    @Test
    void afterARoundOfTooFew() {
        assertInstanceOf(
                SecureRound.Unrecovered.class,
                watched((leg, who, number, bytes) ->
                                leg == Leg.FROM_CLIENT && who > 0 ? Optional.empty() : Optional.of(bytes))
                        .run(1));
        assertEquals(Set.of(), reachable.legible());
    }
}
