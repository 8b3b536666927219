package org.fl4j.privacy.dp;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.accounting.Laplace;
import org.fl4j.privacy.accounting.LatticeNoise;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.RandomizedResponse;
import org.fl4j.privacy.accounting.VectorSkellam;
import org.fl4j.privacy.audit.AuditForms;
import org.fl4j.privacy.secagg.SharedSumForms;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.GoldenFiles;
import org.fl4j.testkit.GoldenFiles.Form;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The binary forms of fl-privacy; in this package because the ledger's and the journal's are written here. */
class PrivacyGoldenTest {

    private static final int CLIENTS = 12;
    private static final int KEY = KeyPair25519.BYTES;
    private static final String OWNER = "fedcba9876543210".repeat(2);

    private static final MessageHeader HEADER = new MessageHeader(bytes(0xA0, 4), 7, new ClientId("clinic é"));
    private static final IndexSet FIRST_AND_LAST = IndexSet.of(CLIENTS, IntStream.of(0, CLIENTS - 1));

    /** A count for every visibility and kind of event that is written; releases of EVERYBODY and of all clients are SERVER_ONLY. */
    private static final LedgerState LEDGER = new LedgerState(
            ChargedReleases.NONE
                    .plus(release(RoundContext.CohortVisibility.SERVER_ONLY), 5)
                    .plus(release(RoundContext.CohortVisibility.TRUSTED_MEMBERS), 6)
                    .plus(release(RoundContext.CohortVisibility.MEMBERS), 1L << 40)
                    .plus(ChargedRelease.unsampled(new NearGaussian(1.5, 0.25)), 2)
                    .plus(ChargedRelease.unsampled(new VectorSkellam(4, 2, 1.5)), 3)
                    .plus(ChargedRelease.unsampled(new LatticeNoise(1.5, 10, 2.5, 3)), 4)
                    .plus(ChargedRelease.of(new Laplace(1.5, 0.25), RoundContext.CohortVisibility.TRUSTED_MEMBERS), 5)
                    .plus(ChargedRelease.unsampled(new RandomizedResponse(3, 0.5)), 6),
            "0123456789abcdef");

    private static final JournalRecord.Head HEAD = new JournalRecord.Head(
            PrivacyStatement.PrivacyModel.CENTRAL, OWNER, LEDGER, true, 0x70C3_0000_0000_70C3L, "ward é");

    @TestFactory
    Stream<DynamicTest> binaryForms() {
        return GoldenFiles.tests(Stream.of(accounts(), messages(), SharedSumForms.all())
                .flatMap(forms -> forms)
                .toList());
    }

    private static Stream<Form<?>> accounts() {
        return Stream.of(
                GoldenFiles.ofState("LedgerState.KIND", LEDGER.write()),
                GoldenFiles.ofState("AdaptiveClippedMean.KIND", adaptiveClip()),
                AuditForms.record(),
                new Form<>(
                        "privacy-journal-head",
                        "JournalRecord.START",
                        HEAD,
                        JournalRecord.Head::toBytes,
                        JournalRecord.Head::fromBytes),
                new Form<>(
                        "privacy-charge",
                        "JournalRecord.KIND",
                        new JournalRecord.Charge(
                                OWNER,
                                7,
                                2,
                                release(RoundContext.CohortVisibility.MEMBERS),
                                0x70C3_0000_0000_70C3L,
                                HEAD.hash()),
                        JournalRecord.Charge::toBytes,
                        JournalRecord.Charge::fromBytes),
                new Form<>("noise-seeds", "SeedFile.KIND", OWNER, SeedFile::head, SeedFile::ownerOf),
                new Form<>(
                        "noise-seed",
                        "SeedFile.SEED_KIND",
                        SeedFile.Seed.of(
                                7, OWNER, bytes(0x10, AesCtrBits.KEY_BYTES).shared()),
                        SeedFile.Seed::toBytes,
                        SeedFile.Seed::fromBytes),
                GoldenFiles.ofDigest("privacy-journal-chain", "JournalRecord.privacy-journal-chain", HEAD.hash()));
    }

    private static Stream<Form<?>> messages() {
        return Stream.of(
                new Form<>(
                        "secagg-advertise-to_client",
                        "RoundAnnouncement.KIND",
                        new RoundAnnouncement(
                                CLIENTS, bytes(0x10, 5), bytes(0x20, 6), bytes(0x30, KEY), bytes(0x50, KEY)),
                        RoundAnnouncement::toBytes,
                        RoundAnnouncement::fromBytes),
                new Form<>(
                        "secagg-advertise-to_server",
                        "KeyAdvertisement.KIND",
                        new KeyAdvertisement(
                                HEADER,
                                bytes(0x10, KEY),
                                bytes(0x30, KEY),
                                "0123456789abcdef".repeat(4),
                                bytes(0x80, Ed25519.SIGNATURE_BYTES)),
                        KeyAdvertisement::toBytes,
                        KeyAdvertisement::fromBytes),
                message(
                        "secagg-share_keys-to_client",
                        "KeyRoster.KIND",
                        new KeyRoster(
                                HEADER,
                                3,
                                FIRST_AND_LAST,
                                bytes(0x10, 8),
                                bytes(0x20, 8),
                                List.of(bytes(0x30, 4), bytes(0x40, 4)),
                                List.of(bytes(0x50, 5), bytes(0x60, 6))),
                        KeyRoster::toBytes,
                        KeyRoster::fromBytes),
                new Form<>(
                        "secagg-share_keys-to_server",
                        "ShareDealing.KIND",
                        new ShareDealing(HEADER, bytes(0x10, 4), bytes(0x20, 5), bytes(0x30, 6)),
                        ShareDealing::toBytes,
                        ShareDealing::fromBytes),
                message(
                        "secagg-masked_input-to_client",
                        "ShareDelivery.KIND",
                        new ShareDelivery(
                                HEADER,
                                FIRST_AND_LAST,
                                bytes(0x10, 2 * ShareDealing.COMMITMENT_BYTES),
                                bytes(0x60, 2 * ShareDealing.BOX_BYTES)),
                        ShareDelivery::toBytes,
                        ShareDelivery::fromBytes),
                message(
                        "secagg-masked_input-to_server",
                        "MaskedInput.KIND",
                        new MaskedInput(HEADER, FIRST_AND_LAST, bytes(0x10, 6)),
                        MaskedInput::toBytes,
                        MaskedInput::fromBytes),
                message(
                        "secagg-consistency-to_client",
                        "SurvivorList.KIND",
                        new SurvivorList(HEADER, FIRST_AND_LAST),
                        SurvivorList::toBytes,
                        SurvivorList::fromBytes),
                new Form<>(
                        "secagg-consistency-to_server",
                        "SurvivorSignature.KIND",
                        new SurvivorSignature(HEADER, bytes(0x10, Ed25519.SIGNATURE_BYTES)),
                        SurvivorSignature::toBytes,
                        SurvivorSignature::fromBytes),
                message(
                        "secagg-unmask-to_client",
                        "UnmaskingRequest.KIND",
                        new UnmaskingRequest(
                                HEADER,
                                IndexSet.of(CLIENTS, IntStream.range(0, 9)),
                                FIRST_AND_LAST,
                                List.of(bytes(0x10, Ed25519.SIGNATURE_BYTES), bytes(0x80, Ed25519.SIGNATURE_BYTES))),
                        UnmaskingRequest::toBytes,
                        UnmaskingRequest::fromBytes),
                message(
                        "secagg-unmask-to_server",
                        "RevealedShares.KIND",
                        new RevealedShares(HEADER, FIRST_AND_LAST, bytes(0x10, 2 * SecretSharing.SHARE_BYTES)),
                        RevealedShares::toBytes,
                        RevealedShares::fromBytes));
    }

    /** Of a message with a set of clients, which is read by whoever knows how many there are. */
    private static <T> Form<T> message(
            String kind, String writer, T example, Function<T, byte[]> write, BiFunction<byte[], Integer, T> read) {
        return new Form<>(kind, writer, example, write, bytes -> read.apply(bytes, CLIENTS));
    }

    /** 4 exp(-0.5 (0.5 - 0.25)): a fraction within the clip norm of 0.5, as the empty sum says, for a quantile of 0.25. */
    private static ComponentState adaptiveClip() {
        BoundedRound round = AdaptiveClippedMean.startingAt(4)
                .dividingBy(2)
                .towardsQuantile(0.25)
                .withRate(0.5)
                .begin(Releases.context(2, 2));
        return round.decode(Summand.zero(round.segments())).state();
    }

    private static ChargedRelease release(RoundContext.CohortVisibility cohort) {
        return ChargedRelease.of(PrivacyEvent.unsampled(1.5).poisson(0.25), cohort);
    }

    private static Bytes bytes(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return Bytes.owning(bytes);
    }
}
