package org.fl4j.privacy.secagg;

import static org.fl4j.privacy.secagg.RogueDrill.CURIOUS;
import static org.fl4j.privacy.secagg.RogueDrill.N;
import static org.fl4j.privacy.secagg.RogueDrill.ROGUE;
import static org.fl4j.privacy.secagg.RogueDrill.assertSumOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;

/** Client 2 deals or reveals false shares. */
class CheatingDealerTest {

    private static final SecureRound.Outcome NAMED = new SecureRound.Unrecovered(
            SecureRound.Cause.MISBEHAVING_CLIENT,
            "round 1: the shares that client 'client-2' dealt do not belong to what it advertised and committed to");

    private final RogueDrill drill = new RogueDrill(CURIOUS);

    private static ShareDealing dealing(byte[] answer) {
        return ShareDealing.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES));
    }

    private Optional<byte[]> sealed(ShareDealing dealing) throws Exception {
        return drill.sealed(ProtocolStage.SHARE_KEYS, dealing.toBytes());
    }

    /** Dealer, server or holder: it cannot be decided which cheated; the share is missing and the others suffice. */
    @Test
    void reportsABoxThatDoesNotOpen() {
        assertPairIsReported(honest -> {
            byte[] boxes = honest.boxes().shared().clone();
            boxes[2 * ShareDealing.BOX_BYTES] ^= 1;
            return new ShareDealing(
                    honest.header(), honest.seedCommitment(), honest.commitments(), Bytes.owning(boxes));
        });
    }

    /** The box is bound to the commitments, so it does not open either. */
    @Test
    void reportsACommitmentToAnotherShare() {
        assertPairIsReported(honest -> {
            byte[] commitments = honest.commitments().shared().clone();
            commitments[3 * ShareDealing.COMMITMENT_BYTES] ^= 1;
            return new ShareDealing(
                    honest.header(), honest.seedCommitment(), Bytes.owning(commitments), honest.boxes());
        });
    }

    /** Sealed by the dealer together with a commitment that is not to this share. */
    @Test
    void reportsABoxWithAShareThatIsNotCommittedTo() {
        assertPairIsReported(honest -> {
            byte[] boxes = honest.boxes().shared().clone();
            Neighbourhood neighbourhood = drill.neighbourhood(1);
            try (PairBoxes its = new PairBoxes(neighbourhood, drill.rogue().box())) {
                byte[] commitments = Arrays.copyOfRange(
                        honest.commitments().shared(),
                        3 * ShareDealing.COMMITMENT_BYTES,
                        4 * ShareDealing.COMMITMENT_BYTES);
                byte[] box = its.seal(3, new byte[2 * SecretSharing.SHARE_BYTES], commitments);
                System.arraycopy(box, 0, boxes, 2 * ShareDealing.BOX_BYTES, box.length);
            }
            return new ShareDealing(
                    honest.header(), honest.seedCommitment(), honest.commitments(), Bytes.owning(boxes));
        });
    }

    private void assertPairIsReported(UnaryOperator<ShareDealing> change) {
        try (Warnings warnings = Warnings.of(InputCollection.class)) {
            SecureRound.Outcome outcome =
                    drill.run(1, ProtocolStage.SHARE_KEYS, answer -> sealed(change.apply(dealing(answer))));
            assertSumOf(outcome, 0, 1, 2, 3, 4);
            assertEquals(
                    List.of("round 1: shares of [client-2] for [client-3] could not be opened; either side may"
                            + " be at fault"),
                    warnings.messages());
        }
        assertEquals(List.of(), drill.drill().rejections());
        assertEquals(
                Set.of(2), drill.server().input(3).unopened().stream().boxed().collect(Collectors.toSet()));
    }

    /** Five holders, four of them others: 4 boxes of 96 bytes, 5 commitments of 32. */
    @Test
    void rejectsFewerBoxesThanHolders() {
        assertLengthsRejected(
                "it deals 288 bytes of shares and 160 bytes of commitments, but has 5 holders",
                honest -> new ShareDealing(
                        honest.header(), honest.seedCommitment(), honest.commitments(), first(288, honest.boxes())));
    }

    @Test
    void rejectsFewerCommitmentsThanHolders() {
        assertLengthsRejected(
                "it deals 384 bytes of shares and 128 bytes of commitments, but has 5 holders",
                honest -> new ShareDealing(
                        honest.header(), honest.seedCommitment(), first(128, honest.commitments()), honest.boxes()));
    }

    @Test
    void rejectsAShortCommitmentToTheSeed() {
        assertLengthsRejected(
                "it deals 384 bytes of shares and 160 bytes of commitments, but has 5 holders",
                honest -> new ShareDealing(
                        honest.header(), first(31, honest.seedCommitment()), honest.commitments(), honest.boxes()));
    }

    private static Bytes first(int length, Bytes of) {
        return Bytes.owning(Arrays.copyOf(of.shared(), length));
    }

    private void assertLengthsRejected(String why, UnaryOperator<ShareDealing> change) {
        SecureRound.Outcome outcome =
                drill.run(1, ProtocolStage.SHARE_KEYS, answer -> sealed(change.apply(dealing(answer))));
        drill.assertRejected(why);
        assertSumOf(outcome, 0, 1, 3, 4);
    }

    /** Consistent among themselves, but of a seed and a mask key that are not its own. */
    private Optional<byte[]> otherSecrets() throws Exception {
        return sealed(dealOtherSecrets());
    }

    private ShareDealing dealOtherSecrets() {
        Neighbourhood neighbourhood = drill.neighbourhood(1);
        SecureRandom random = new SecureRandom();
        try (PairBoxes boxes = new PairBoxes(neighbourhood, drill.rogue().box());
                HeldShares held = new HeldShares(neighbourhood);
                ClientSecrets others = new ClientSecrets(random)) {
            return new ShareDealer(neighbourhood, boxes, held).deal(others, random);
        }
    }

    @Test
    void namesTheDealerOfSharesThatDoNotMatchTheMaskKey() {
        SecureRound.Outcome outcome = drill.run(1, (stage, way, client, message) -> {
            if (client != ROGUE || way == Direction.TO_CLIENT) {
                return Optional.of(message);
            }
            return switch (stage) {
                case SHARE_KEYS -> otherSecrets();
                case MASKED_INPUT -> Optional.empty();
                default -> Optional.of(message);
            };
        });
        assertEquals(NAMED, outcome);
    }

    @Test
    void namesTheDealerOfSharesThatDoNotMatchTheSeedCommitment() {
        SecureRound.Outcome outcome = drill.run(1, ProtocolStage.SHARE_KEYS, answer -> {
            ShareDealing others = dealOtherSecrets();
            return sealed(new ShareDealing(
                    others.header(), dealing(answer).seedCommitment(), others.commitments(), others.boxes()));
        });
        assertEquals(NAMED, outcome);
    }

    /** It masks with another seed than it dealt and committed to: it cannot be decided who did, but no sum is recovered, except with probability 1e-13. */
    @Test
    void masksOfAnotherSeedThanDealtLeaveTheSumUnrecovered() {
        SecureRound.Outcome outcome = drill.run(1, ProtocolStage.SHARE_KEYS, answer -> otherSecrets());
        assertEquals(RogueDrill.OUT_OF_RANGE, outcome);
    }

    @Test
    void rejectsAShareThatWasNotDealt() {
        assertRevelationRejected(
                "its share of client 'client-1' is not the one that client committed to",
                (dealers, shares) -> shares[SecretSharing.SHARE_BYTES] ^= 1);
    }

    /** Five words of 8 bytes that are not field elements. */
    @Test
    void rejectsAMalformedShare() {
        assertRevelationRejected(
                "its share of client 'client-0' is not the one that client committed to",
                (dealers, shares) -> Arrays.fill(shares, (byte) -1));
    }

    private interface Change {

        void to(IndexSet dealers, byte[] shares);
    }

    private void assertRevelationRejected(String why, Change change) {
        SecureRound.Outcome outcome = drill.run(1, ProtocolStage.UNMASK, answer -> {
            RevealedShares honest = RevealedShares.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES), N);
            byte[] shares = honest.shares().shared().clone();
            change.to(honest.dealers(), shares);
            return drill.sealed(
                    ProtocolStage.UNMASK,
                    new RevealedShares(honest.header(), honest.dealers(), Bytes.owning(shares)).toBytes());
        });
        drill.assertRejected(why);
        assertSumOf(outcome, 0, 1, 2, 3, 4);
    }

    /** Client 4 advertised and then dropped out: no client holds a share of it. */
    @Test
    void rejectsAShareOfAClientThatDealtNone() {
        SecureRound.Outcome outcome = drill.run(1, (stage, way, client, message) -> {
            if (client == 4 && stage == ProtocolStage.SHARE_KEYS) {
                return Optional.empty();
            }
            if (client == ROGUE && stage == ProtocolStage.UNMASK && way == Direction.TO_SERVER) {
                RevealedShares honest = RevealedShares.fromBytes(Envelope.unverified(message, Envelope.SEAL_BYTES), N);
                Bytes more = Bytes.owning(Arrays.copyOf(honest.shares().shared(), 5 * SecretSharing.SHARE_BYTES));
                return drill.sealed(
                        ProtocolStage.UNMASK, new RevealedShares(honest.header(), IndexSet.all(N), more).toBytes());
            }
            return Optional.of(message);
        });
        drill.assertRejected("it sent a share of client 'client-4', who dealt it none");
        assertSumOf(outcome, 0, 1, 2, 3);
    }
}
