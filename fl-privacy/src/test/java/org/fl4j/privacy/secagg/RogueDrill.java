package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;

/** Rounds of five clients in which client 2 sends other answers than the protocol's. */
final class RogueDrill {

    static final SecureRound.Outcome OUT_OF_RANGE = new SecureRound.Unrecovered(
            SecureRound.Cause.MISBEHAVING_CLIENT,
            "round 1: the sum is beyond what 5 contributions in range can come to; a client masked something else");

    static final int N = 5;
    static final int ROGUE = 2;
    static final int LENGTH = 61;

    /** Three of five give a secret. */
    static final ThreatModel CURIOUS = ThreatModel.curious(DropoutTolerance.ofDropouts(0.4));

    /** What client 2 sends instead of an answer; empty: nothing. */
    @FunctionalInterface
    interface Mischief {

        Optional<byte[]> instead(byte[] answer) throws Exception;
    }

    private final ThreatModel threatModel;
    private final KnownCohort cohort;
    private final Drill drill;
    private Eavesdropper server = new Eavesdropper(N);

    RogueDrill(ThreatModel threatModel) {
        this.threatModel = threatModel;
        this.cohort = new KnownCohort(LyingServer.RULE, threatModel);
        this.drill = new Drill(cohort, N, LENGTH, client -> values(client));
    }

    private static double[] values(int client) {
        return IntStream.range(0, LENGTH)
                .mapToDouble(i -> 100 * client - 37 * (i % 20))
                .toArray();
    }

    /** A round in which client 2 answers one stage otherwise. */
    SecureRound.Outcome run(int round, ProtocolStage changed, Mischief mischief) {
        return run(
                round,
                (stage, way, client, message) -> stage == changed && way == Direction.TO_SERVER && client == ROGUE
                        ? mischief.instead(message)
                        : Optional.of(message));
    }

    SecureRound.Outcome run(int round, Drill.Network network) {
        server = new Eavesdropper(N, network);
        return drill.over(server).run(round);
    }

    KnownCohort cohort() {
        return cohort;
    }

    KnownClient rogue() {
        return cohort.client(ROGUE);
    }

    Drill drill() {
        return drill;
    }

    /** All that was sent in the last round. */
    Eavesdropper server() {
        return server;
    }

    SessionTerms terms(int round) {
        return cohort.terms(drill.context(round), N);
    }

    /** Under client 2's own seal. */
    Optional<byte[]> sealed(ProtocolStage stage, byte[] record) throws Exception {
        return Optional.of(rogue().seal(stage, record));
    }

    /** What client 2 made of the round as it was told. */
    Neighbourhood neighbourhood(int round) {
        byte[] announcement = server.message(ProtocolStage.ADVERTISE, Direction.TO_CLIENT, ROGUE);
        byte[] roster = server.message(ProtocolStage.SHARE_KEYS, Direction.TO_CLIENT, ROGUE);
        return Neighbourhood.of(
                KeyRoster.fromBytes(Envelope.unverified(roster, Envelope.SEAL_BYTES), N),
                server.advertisement(ROGUE),
                VerifiedAnnouncement.read(
                        announcement,
                        Fixtures.client(ROGUE),
                        drill.work(ROGUE, round).task(),
                        new SummedRule.Plain(LyingServer.RULE, FixedPoint.UNSTATED),
                        threatModel));
    }

    /** In the last round the server rejected client 2 and no other, and no client failed. */
    void assertRejected(String why) {
        assertEquals(List.of("client 'client-2', round 1: " + why), drill.rejections());
        assertEquals(Map.of(), drill.failures());
    }

    static void assertSumOf(SecureRound.Outcome outcome, int... clients) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome, outcome::toString);
        assertEquals(IntStream.of(clients).mapToObj(Fixtures::client).toList(), recovered.included());
        for (int i = 0; i < LENGTH; i++) {
            int at = i;
            assertEquals(
                    IntStream.of(clients)
                            .mapToDouble(client -> values(client)[at])
                            .sum(),
                    recovered.result().aggregate().get(i));
        }
    }
}
