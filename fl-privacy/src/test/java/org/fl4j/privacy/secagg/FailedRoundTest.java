package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A round without a sum leaves no secrets and does not affect the next round. */
class FailedRoundTest {

    private static final int N = 5;

    private static final Drill.Network ALL_ARRIVES = (stage, way, client, message) -> Optional.of(message);

    private static final Set<String> SECRETS = new TreeSet<>(List.of(
            "ClientSecrets.seed",
            "HeldShares.own",
            "HeldShares.shares",
            "KeyPair25519.scalar",
            "MessageKeys.root",
            "PairBoxes.roots",
            "RingVector.narrow",
            "ShareBook.shares"));

    private final WatchedSum rule =
            new WatchedSum(SecureSum.on(new IntegerRule(1 << 20)).tolerating(DropoutTolerance.ofDropouts(0.4)));

    private final Drill drill = new Drill(rule, N, 2, client -> new double[] {1 << client, -client});

    /** Of five clients two answer; three are the threshold. */
    private static Drill.Network tooFewAnswer(ProtocolStage last) {
        return (stage, way, client, message) -> stage == last && way == ProtocolStage.Direction.TO_SERVER && client > 1
                ? Optional.empty()
                : Optional.of(message);
    }

    @Test
    void theNextRoundIsExact() {
        int round = 0;
        for (ProtocolStage last : DropoutPattern.CURIOUS) {
            assertInstanceOf(
                    SecureRound.Unrecovered.class,
                    drill.over(tooFewAnswer(last)).run(++round));
            requireExact(drill.over(ALL_ARRIVES).run(++round));
        }
        assertEquals(Map.of(), drill.failures());
        assertEquals(List.of(), drill.rejections());
    }

    private static void requireExact(SecureRound.Outcome outcome) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome);
        assertEquals(N, recovered.included().size());
        assertEquals((1 << N) - 1.0, recovered.result().aggregate().get(0));
        assertEquals(-N * (N - 1) / 2.0, recovered.result().aggregate().get(1));
    }

    @ParameterizedTest
    @EnumSource(names = "CONSISTENCY", mode = EnumSource.Mode.EXCLUDE)
    void aFailedRoundLeavesNoSecret(ProtocolStage last) {
        SecretArrays secrets = new SecretArrays();
        SecureRound.Outcome outcome =
                drill.over(watching(secrets, tooFewAnswer(last))).run(1);
        assertInstanceOf(SecureRound.Unrecovered.class, outcome);
        assertEquals(Set.of(), secrets.notErased());
        if (last == ProtocolStage.UNMASK) {
            assertEquals(SECRETS, secrets.fields());
        }
    }

    @Test
    void aRoundWithASumLeavesNoSecret() {
        SecretArrays secrets = new SecretArrays();
        requireExact(drill.over(watching(secrets, ALL_ARRIVES)).run(1));
        assertEquals(Set.of(), secrets.notErased());
        assertEquals(SECRETS, secrets.fields());
    }

    private Drill.Network watching(SecretArrays secrets, Drill.Network network) {
        return (stage, way, client, message) -> {
            rule.halves().forEach(secrets::collect);
            return network.carry(stage, way, client, message);
        };
    }
}
