package org.fl4j.privacy.secagg;

import static org.fl4j.privacy.secagg.RogueDrill.CURIOUS;
import static org.fl4j.privacy.secagg.RogueDrill.N;
import static org.fl4j.privacy.secagg.RogueDrill.ROGUE;
import static org.fl4j.privacy.secagg.RogueDrill.assertSumOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Client 2 sends invalid answers. It is named and left out, and the sum of the others is exact. */
class MisbehavingClientTest {

    private final RogueDrill drill = new RogueDrill(CURIOUS);

    private static String noSeal(ProtocolStage stage) {
        return "its answer to " + stage
                + " does not bear its seal: it was altered, or is of another client, stage, round or session";
    }

    /** Whose input is in the sum when client 2 is rejected in this stage. */
    private static void assertSumWithoutRogue(SecureRound.Outcome outcome, ProtocolStage rejected) {
        if (rejected == ProtocolStage.UNMASK || rejected == ProtocolStage.CONSISTENCY) {
            assertSumOf(outcome, 0, 1, 2, 3, 4);
        } else {
            assertSumOf(outcome, 0, 1, 3, 4);
        }
    }

    private void assertRejected(ProtocolStage stage, String why, RogueDrill.Mischief mischief) {
        SecureRound.Outcome outcome = drill.run(1, stage, mischief);
        drill.assertRejected(why);
        assertSumWithoutRogue(outcome, stage);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ADVERTISE", "CONSISTENCY"})
    void rejectsAnAlteredAnswer(ProtocolStage stage) {
        assertRejected(stage, noSeal(stage), answer -> {
            answer[answer.length / 2] ^= 1;
            return Optional.of(answer);
        });
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ADVERTISE", "CONSISTENCY"})
    void rejectsATruncatedAnswer(ProtocolStage stage) {
        assertRejected(stage, noSeal(stage), answer -> Optional.of(Arrays.copyOf(answer, answer.length - 1)));
    }

    /** The keys come without a key to check them by, so they are read first. */
    @Test
    void rejectsTruncatedKeys() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "its answer to ADVERTISE cannot be read: secagg-advertise-to_server of 237 bytes is damaged or not of this"
                        + " library: it ends too early",
                answer -> Optional.of(Arrays.copyOf(answer, answer.length - 1)));
    }

    /** A version that this server does not read is that client's failure, not the round's. */
    @Test
    void rejectsKeysOfANewerVersion() {
        String kind = "secagg-advertise-to_server";
        assertRejected(
                ProtocolStage.ADVERTISE,
                "its answer to ADVERTISE cannot be read: " + kind + " of 238 bytes is of version 49 of '" + kind
                        + "', and this library reads 1 to 1; read it with the library that wrote it or a newer one",
                answer -> {
                    ByteBuffer.wrap(answer).putInt(2 * Integer.BYTES + kind.length(), 49);
                    return Optional.of(Damage.withChecksum(answer, Envelope.SEAL_BYTES));
                });
    }

    @Test
    void rejectsKeysWithAnotherSeal() {
        assertRejected(ProtocolStage.ADVERTISE, noSeal(ProtocolStage.ADVERTISE), answer -> {
            answer[answer.length - 1] ^= 1;
            return Optional.of(answer);
        });
    }

    @Test
    void rejectsAnEmptyAnswer() {
        ProtocolStage stage = ProtocolStage.SHARE_KEYS;
        assertRejected(stage, noSeal(stage), answer -> Optional.of(new byte[0]));
    }

    /** Its own seal on bytes that cannot be read. */
    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"ADVERTISE", "CONSISTENCY"})
    void rejectsAMalformedAnswer(ProtocolStage stage) {
        String kind = "secagg-" + stage.name().toLowerCase(Locale.ROOT) + "-to_server";
        assertRejected(
                stage,
                "its answer to " + stage + " cannot be read: " + kind
                        + " of 9 bytes is damaged or not of this library: it does not start with the bytes FL4J",
                answer -> drill.sealed(stage, new byte[9]));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONSISTENCY")
    void rejectsAnOversizedAnswer(ProtocolStage stage) {
        long longest = drill.terms(1).longestAnswer(stage);
        assertRejected(
                stage,
                "its answer to " + stage + " has " + (longest + 1) + " bytes; at most " + longest + " can be due",
                answer -> Optional.of(Arrays.copyOf(answer, (int) longest + 1)));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONSISTENCY")
    void rejectsAnAnswerOfAnotherClient(ProtocolStage stage) {
        assertRejected(
                stage, noSeal(stage), answer -> Optional.of(drill.server().message(stage, Direction.TO_SERVER, 1)));
    }

    /** Of this round the answers are others, as all keys are fresh. */
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONSISTENCY")
    void rejectsAnAnswerOfAnEarlierSession(ProtocolStage stage) {
        assertSumOf(drill.run(1, stage, Optional::of), 0, 1, 2, 3, 4);
        byte[] earlier = drill.server().message(stage, Direction.TO_SERVER, ROGUE);
        assertRejected(stage, noSeal(stage), answer -> Optional.of(earlier));
    }

    @Test
    void rejectsAnAnswerOfTheFirstStage() {
        ProtocolStage stage = ProtocolStage.MASKED_INPUT;
        assertRejected(
                stage,
                noSeal(stage),
                answer -> Optional.of(drill.server().message(ProtocolStage.ADVERTISE, Direction.TO_SERVER, ROGUE)));
    }

    @Test
    void rejectsAnAnswerOfALaterStage() {
        assertRejected(
                ProtocolStage.SHARE_KEYS,
                noSeal(ProtocolStage.SHARE_KEYS),
                answer -> drill.sealed(ProtocolStage.MASKED_INPUT, input(new byte[9])));
    }

    @Test
    void rejectsAnAnswerOfALaterStageUnderTheSealOfThisStage() {
        assertRejected(
                ProtocolStage.SHARE_KEYS,
                "its answer to SHARE_KEYS cannot be read: secagg-share_keys-to_server of 115 bytes is damaged or not of"
                        + " this library: expected a record of kind 'secagg-share_keys-to_server' but it holds"
                        + " 'secagg-masked_input-to_server'",
                answer -> drill.sealed(ProtocolStage.SHARE_KEYS, input(new byte[9])));
    }

    private byte[] input(byte[] packed) {
        return new MaskedInput(
                        drill.server().advertisement(ROGUE).header(),
                        IndexSet.all(N).where(index -> false),
                        Bytes.owning(packed))
                .toBytes();
    }

    /** In every stage, as soon as the next client's answer is on its way, its own comes again. */
    @Test
    void rejectsEveryRepeatedAnswer() {
        List<Optional<String>> rejections = new ArrayList<>();
        SecureRound.Outcome outcome = drill.run(1, (stage, way, client, message) -> {
            if (client == ROGUE + 1 && way == Direction.TO_SERVER) {
                byte[] again = drill.server().message(stage, Direction.TO_SERVER, ROGUE);
                rejections.add(drill.cohort().open().reply(Fixtures.client(ROGUE), again));
            }
            return Optional.of(message);
        });
        assertEquals(
                List.of(
                        Optional.of("client 'client-2', round 1: no answer to ADVERTISE is due"),
                        Optional.of("client 'client-2', round 1: no answer to SHARE_KEYS is due"),
                        Optional.of("client 'client-2', round 1: no answer to MASKED_INPUT is due"),
                        Optional.of("client 'client-2', round 1: no answer to UNMASK is due")),
                rejections);
        assertSumOf(outcome, 0, 1, 2, 3, 4);
    }

    /** Once rejected, the client is out of the round: the right answer is too late. */
    @Test
    void rejectsAnAnswerAfterARejectedOne() {
        List<Optional<String>> rejections = new ArrayList<>();
        List<byte[]> right = new ArrayList<>();
        SecureRound.Outcome outcome = drill.run(1, (stage, way, client, message) -> {
            boolean input = stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER;
            if (input && client == ROGUE) {
                right.add(message);
                return Optional.of(new byte[1]);
            }
            if (input && client == ROGUE + 1) {
                rejections.add(drill.cohort().open().reply(Fixtures.client(ROGUE), right.get(0)));
            }
            return Optional.of(message);
        });
        assertEquals(List.of(Optional.of("client 'client-2', round 1: no answer to MASKED_INPUT is due")), rejections);
        assertSumOf(outcome, 0, 1, 3, 4);
    }

    @Test
    void rejectsAnAnswerFromOutsideTheCohort() {
        List<Optional<String>> rejections = new ArrayList<>();
        SecureRound.Outcome outcome = drill.run(1, ProtocolStage.MASKED_INPUT, answer -> {
            rejections.add(drill.cohort().open().reply(Fixtures.client(7), answer));
            return Optional.of(answer);
        });
        assertEquals(List.of(Optional.of("client 'client-7', round 1: no answer to MASKED_INPUT is due")), rejections);
        assertSumOf(outcome, 0, 1, 2, 3, 4);
    }

    @Test
    void rejectsAMaskKeyOfAnotherClient() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "it sent a key that another client sent, or the same key twice",
                answer -> advertised(
                        answer,
                        its -> new KeyAdvertisement(
                                its.header(),
                                its.boxKey(),
                                drill.server().advertisement(1).maskKey(),
                                its.taskFingerprint(),
                                Bytes.EMPTY)));
    }

    /** Without the private half there is no seal. */
    @Test
    void rejectsABoxKeyOfAnotherClient() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                noSeal(ProtocolStage.ADVERTISE),
                answer -> advertised(
                        answer,
                        its -> new KeyAdvertisement(
                                its.header(),
                                drill.server().advertisement(1).boxKey(),
                                its.maskKey(),
                                its.taskFingerprint(),
                                Bytes.EMPTY)));
    }

    @Test
    void rejectsOneKeyForMaskAndBox() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "it sent a key that another client sent, or the same key twice",
                answer -> advertised(
                        answer,
                        its -> new KeyAdvertisement(
                                its.header(), its.boxKey(), its.boxKey(), its.taskFingerprint(), Bytes.EMPTY)));
    }

    @Test
    void rejectsAKeyOfSmallOrder() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "its answer to ADVERTISE cannot be read: a public key is of small order",
                answer -> advertised(
                        answer,
                        its -> new KeyAdvertisement(
                                its.header(),
                                its.boxKey(),
                                Bytes.owning(new byte[32]),
                                its.taskFingerprint(),
                                Bytes.EMPTY)));
    }

    /** Its own, with the bit set that is ignored. */
    @Test
    void rejectsAKeyThatIsNotCanonical() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "its answer to ADVERTISE cannot be read: a public key is not canonical: another encoding stands for the same"
                        + " point",
                answer -> advertised(answer, its -> {
                    byte[] twin = its.maskKey().shared().clone();
                    twin[31] |= (byte) 0x80;
                    return new KeyAdvertisement(
                            its.header(), its.boxKey(), Bytes.owning(twin), its.taskFingerprint(), Bytes.EMPTY);
                }));
    }

    @Test
    void rejectsAKeyOfAnotherLength() {
        assertRejected(
                ProtocolStage.ADVERTISE,
                "its answer to ADVERTISE cannot be read: secagg-advertise-to_server of 237 bytes is damaged or not of this"
                        + " library: its keys have 32 and 31 bytes but X25519's have 32",
                answer -> advertised(
                        answer,
                        its -> new KeyAdvertisement(
                                its.header(),
                                its.boxKey(),
                                Bytes.owning(new byte[31]),
                                its.taskFingerprint(),
                                Bytes.EMPTY)));
    }

    private Optional<byte[]> advertised(byte[] answer, UnaryOperator<KeyAdvertisement> change) throws Exception {
        KeyAdvertisement its = KeyAdvertisement.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES));
        return drill.sealed(ProtocolStage.ADVERTISE, change.apply(its).toBytes());
    }

    /** 61 coordinates of 14 bits are 107 bytes, the last with two bits to spare. */
    @Test
    void rejectsAnInputOfAnotherLength() {
        assertRejected(
                ProtocolStage.MASKED_INPUT,
                "its input has 108 bytes but the rule's has 107",
                answer -> drill.sealed(ProtocolStage.MASKED_INPUT, input(new byte[108])));
    }

    @Test
    void rejectsAnInputWithBitsOfNoCoordinate() {
        byte[] packed = new byte[107];
        packed[106] = (byte) 0x80;
        assertRejected(
                ProtocolStage.MASKED_INPUT,
                "its input is not packed as agreed: a packed vector has bits set that belong to no coordinate",
                answer -> drill.sealed(ProtocolStage.MASKED_INPUT, input(packed)));
    }

    /**
     * It is not named, as its words look like any other's; but the sum is not accepted. By chance all of 61 uniform words
     * are among the 10,001 of 2^14 that a sum can be, with probability 1e-13.
     */
    @Test
    void anUnmaskedInputLeavesTheSumUnrecovered() {
        SecureRound.Outcome outcome = drill.run(
                1,
                ProtocolStage.MASKED_INPUT,
                answer -> drill.sealed(ProtocolStage.MASKED_INPUT, input(new byte[107])));
        assertEquals(RogueDrill.OUT_OF_RANGE, outcome);
    }
}
