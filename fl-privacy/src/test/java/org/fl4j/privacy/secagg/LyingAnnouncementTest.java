package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Optional;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.secure.SecureAggregator.Participant.LocalWork;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** A client follows its own configuration, whatever a lying server announces. */
class LyingAnnouncementTest {

    private static final int N = 6;
    private static final LinearAggregator RULE = new IntegerRule(1000);
    private static final IdentityDirectory.Simulated IDENTITIES = new IdentityDirectory.Simulated();
    private static final ThreatModel SETTING = ThreatModel.curious(new DropoutTolerance(0, 0.33))
            .against(Adversary.MALICIOUS, IDENTITIES, IDENTITIES)
            .ofAtLeast(N);
    private static final String OTHER_TERMS =
            "the server's terms are not those of this client's own configuration for 6"
                    + " clients, MALICIOUS, threshold 4; were both configured alike?";

    private final Drill drill = new Drill(SecureSum.on(RULE), N, 2, client -> new double[2]);
    private final LocalWork work = drill.work(0, 1);

    @Test
    void acceptsAnHonestAnnouncement() throws Exception {
        byte[] announcement = announcement(RULE, FixedPoint.UNSTATED, SETTING, N);
        try (ClientSession client = client()) {
            assertTrue(client.answer(announcement, work).length > 0);
        }
    }

    @Test
    void rejectsACohortBelowTheClientsMinimum() {
        assertRejected(
                "the server announces a round of 5 clients, which this client's own configuration does not allow: a masked"
                        + " sum must be over at least 6 clients, but was 5; SecureSum's .ofAtLeast(...) sets the bound",
                announcement(RULE, FixedPoint.UNSTATED, SETTING.ofAtLeast(2), 5));
    }

    @Test
    void rejectsACohortAboveTheClientsMaximum() {
        assertRejected(
                "the server announces a round of 16385 clients, which this client's own configuration does not allow: a"
                        + " masked sum must be over at most 16384 clients, but was 16385; SecureSum's .ofAtMost(...) sets the bound",
                announcement(RULE, FixedPoint.UNSTATED, SETTING.ofAtMost(16_385), 16_385));
    }

    @Test
    void ofAtMostSetsTheLargestCohort() {
        assertEquals(7, SETTING.ofAtMost(7).graph(7).clients());
        assertThrows(IllegalArgumentException.class, () -> SETTING.ofAtMost(7).graph(8));
        assertEquals(20_000, SETTING.ofAtLeast(20_000).graph(20_000).clients());
        assertEquals(
                "largest cohort must be at least 9, but was 8",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SecureSum.on(RULE).ofAtLeast(9).ofAtMost(8))
                        .getMessage());
    }

    @Test
    void rejectsAnotherSmallestCohort() {
        assertRejected(OTHER_TERMS, announcement(RULE, FixedPoint.UNSTATED, SETTING.ofAtLeast(2), N));
    }

    @Test
    void rejectsALowerThreshold() {
        assertRejected(
                OTHER_TERMS,
                announcement(RULE, FixedPoint.UNSTATED, curious().with(DropoutTolerance.ofDropouts(0.6)), N));
    }

    @Test
    void rejectsAWeakerAdversary() {
        assertRejected(OTHER_TERMS, announcement(RULE, FixedPoint.UNSTATED, curious(), N));
    }

    /** 6 - ceil(6 * 0.3) = 6 - ceil(6 * 0.33). */
    @Test
    void rejectsAnotherToleranceOfTheSameThreshold() {
        assertRejected(
                OTHER_TERMS, announcement(RULE, FixedPoint.UNSTATED, SETTING.with(new DropoutTolerance(0, 0.3)), N));
    }

    @Test
    void rejectsANarrowerRing() {
        assertRejected(OTHER_TERMS, announcement(new IntegerRule(500), FixedPoint.UNSTATED, SETTING, N));
    }

    /** In a ring of the same width: 2 * 6 * 1000 and 2 * 6 * 1001 both have 14 bits. */
    @Test
    void rejectsAnotherRange() {
        assertRejected(OTHER_TERMS, announcement(new IntegerRule(1001), FixedPoint.UNSTATED, SETTING, N));
    }

    @Test
    void rejectsAnotherRound() {
        RoundContext second = drill.context(2);
        SessionTerms terms = SessionTerms.of(new SummedRule.Plain(RULE, FixedPoint.UNSTATED), SETTING, second, N);
        assertRejected(
                "the server announces round 2 of a model with 2 parameters, but the task is of round 1 and 2 parameters",
                ServerRound.Keys.fresh(terms, second.shared(Optional.empty()).toBytes(), new SecureRandom())
                        .announcement());
    }

    @Test
    void rejectsAnotherModel() {
        RoundContext longer = new Drill(SecureSum.on(RULE), N, 3, client -> new double[3]).context(1);
        SessionTerms terms = SessionTerms.of(new SummedRule.Plain(RULE, FixedPoint.UNSTATED), SETTING, longer, N);
        assertRejected(
                "the server announces round 1 of a model with 3 parameters, but the task is of round 1 and 2 parameters",
                ServerRound.Keys.fresh(terms, longer.shared(Optional.empty()).toBytes(), new SecureRandom())
                        .announcement());
    }

    @Test
    void rejectsAnAlteredSignature() {
        byte[] announcement = announcement(RULE, FixedPoint.UNSTATED, SETTING, N);
        announcement[announcement.length - 1] ^= 1;
        assertRejected("the server's announcement was altered", announcement);
    }

    private static ThreatModel curious() {
        return ThreatModel.curious(new DropoutTolerance(0, 0.33)).ofAtLeast(N);
    }

    private byte[] announcement(LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, int clients) {
        SessionTerms terms =
                SessionTerms.of(new SummedRule.Plain(rule, numbers), threatModel, drill.context(1), clients);
        return ServerRound.Keys.fresh(
                        terms, drill.context(1).shared(Optional.empty()).toBytes(), new SecureRandom())
                .announcement();
    }

    private static ClientSession client() {
        return new ClientSession(
                new SummedRule.Plain(RULE, FixedPoint.UNSTATED), SETTING, Fixtures.client(0), new SecureRandom());
    }

    private void assertRejected(String why, byte[] announcement) {
        try (ClientSession client = client()) {
            assertEquals(
                    "client 'client-0', round 1: " + why,
                    assertThrows(SecureSum.ProtocolViolationException.class, () -> client.answer(announcement, work))
                            .getMessage());
        }
    }
}
