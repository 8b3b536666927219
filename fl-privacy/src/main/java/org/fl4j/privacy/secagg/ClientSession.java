package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.client.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.jspecify.annotations.Nullable;

/**
 * A client's half of one round: one answer a stage, in order. A message without the server's seal changes nothing, so
 * the right one may still come; a sealed one that must not be answered ends the round for this client, and its secrets are
 * erased.
 */
final class ClientSession implements SecureParticipant {

    private final LinearAggregator rule;
    private final FixedPoint numbers;
    private final ThreatModel threatModel;
    private final ClientId self;
    private final SecureRandom random;

    private @Nullable ProtocolStage due = ProtocolStage.ADVERTISE;
    private @Nullable ClientSecrets secrets;
    private @Nullable MessageKeys keys;
    private @Nullable VerifiedAnnouncement announced;
    private @Nullable KeyAdvertisement own;
    private @Nullable Neighbourhood neighbourhood;
    private @Nullable PairBoxes boxes;
    private @Nullable HeldShares held;
    private @Nullable SurvivorCheck check;

    ClientSession(
            LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, ClientId self, SecureRandom random) {
        this.rule = rule;
        this.numbers = numbers;
        this.threatModel = threatModel;
        this.self = self;
        this.random = random;
    }

    @Override
    public byte[] answer(byte[] message, LocalWork local) throws Exception {
        ProtocolStage stage = due;
        if (stage == null) {
            throw new IllegalStateException("client '" + self + "': its half of the round is over");
        }
        byte[] record = stage == ProtocolStage.ADVERTISE
                ? announcement(message, local)
                : of(announced).open(message, stage, of(keys));
        due = null;
        boolean answered = false;
        try {
            byte[] answer = Envelope.seal(answer(stage, record, local), of(keys).key(stage, Direction.TO_SERVER));
            answered = true;
            due = after(stage);
            return answer;
        } finally {
            if (!answered || due == null) {
                close();
            }
        }
    }

    private @Nullable ProtocolStage after(ProtocolStage stage) {
        return switch (stage) {
            case ADVERTISE -> ProtocolStage.SHARE_KEYS;
            case SHARE_KEYS -> ProtocolStage.MASKED_INPUT;
            case MASKED_INPUT -> threatModel.signs() ? ProtocolStage.CONSISTENCY : ProtocolStage.UNMASK;
            case CONSISTENCY -> ProtocolStage.UNMASK;
            case UNMASK -> null;
        };
    }

    private byte[] answer(ProtocolStage stage, byte[] record, LocalWork local) throws Exception {
        return switch (stage) {
            case ADVERTISE -> advertise();
            case SHARE_KEYS -> deal(read(KeyRoster::fromBytes, record));
            case MASKED_INPUT -> mask(read(ShareDelivery::fromBytes, record), local);
            case CONSISTENCY ->
                of(check)
                        .sign(read(SurvivorList::fromBytes, record).survivors())
                        .toBytes();
            case UNMASK -> reveal(read(UnmaskingRequest::fromBytes, record));
        };
    }

    private <T> T read(BiFunction<byte[], Integer, T> reader, byte[] record) {
        return of(announced).read("message", () -> reader.apply(record, clients()));
    }

    private byte[] announcement(byte[] message, LocalWork local) {
        announced = VerifiedAnnouncement.read(message, self, local.task(), rule, numbers, threatModel);
        return message;
    }

    private byte[] advertise() throws GeneralSecurityException {
        VerifiedAnnouncement round = of(announced);
        ClientSecrets fresh = new ClientSecrets(random);
        secrets = fresh;
        try {
            keys = fresh.withServer(
                    self, round.session().shared(), round.serverKey().shared());
        } catch (InvalidKeyException e) {
            throw round.violation("the server's key is not valid");
        }
        KeyAdvertisement unsigned = new KeyAdvertisement(
                round.header(),
                Bytes.owning(fresh.box().publicKey()),
                Bytes.owning(fresh.mask().publicKey()),
                round.task(),
                Bytes.EMPTY);
        own = threatModel.signs() ? unsigned.signed(threatModel.signer().sign(self, unsigned.signedBytes())) : unsigned;
        return of(own).toBytes();
    }

    private byte[] deal(KeyRoster roster) {
        Neighbourhood found = Neighbourhood.of(roster, of(own), of(announced));
        neighbourhood = found;
        boxes = new PairBoxes(found, of(secrets).box());
        held = new HeldShares(found);
        return new ShareDealer(found, of(boxes), of(held))
                .deal(of(secrets), random)
                .toBytes();
    }

    private byte[] mask(ShareDelivery delivery, LocalWork local) throws Exception {
        Neighbourhood here = of(neighbourhood);
        IndexSet dealers = delivery.dealers();
        int holders = dealers.size() + (here.announced().terms().isComplete() ? 1 : 0);
        if (!here.others().containsAll(dealers)
                || holders < here.announced().terms().threshold()) {
            throw here.announced()
                    .violation("the server delivers shares of " + dealers.size() + " of "
                            + here.others().size() + " neighbours, with which the threshold of "
                            + here.announced().terms().threshold() + " is not reached, or of others");
        }
        IndexSet unopened = of(held).open(delivery, of(boxes));
        of(boxes).close();
        check = new SurvivorCheck(here, dealers);
        RingVector vector = new InputEncoder(here.announced()).of(local);
        try {
            addMasks(vector, here, dealers);
            return new MaskedInput(here.announced().header(), unopened, Bytes.owning(vector.pack())).toBytes();
        } finally {
            vector.erase();
        }
    }

    private void addMasks(RingVector vector, Neighbourhood here, IndexSet dealers) {
        try (Masks masks =
                new Masks(here.transcript().shared(), here.announced().terms().plan())) {
            masks.addSelf(vector, of(secrets).seed(), here.index());
            for (int other : dealers.toArray()) {
                KeyAdvertisement neighbour =
                        Objects.requireNonNull(here.neighbours().get(other));
                byte[] secret = agree(neighbour);
                masks.addPair(vector, secret, here.index(), other);
                Arrays.fill(secret, (byte) 0);
            }
        }
    }

    private byte[] agree(KeyAdvertisement neighbour) {
        try {
            return of(secrets).mask().agree(neighbour.maskKey().shared());
        } catch (InvalidKeyException e) {
            throw of(announced)
                    .violation(
                            "the mask key of neighbour '" + neighbour.header().client() + "' is not valid");
        }
    }

    private byte[] reveal(UnmaskingRequest request) {
        of(check).approve(request);
        return of(held).reveal(request.survivors()).toBytes();
    }

    private int clients() {
        return of(announced).terms().clients();
    }

    private static <T> T of(@Nullable T field) {
        return Objects.requireNonNull(field, "an earlier stage sets it");
    }

    @Override
    public void close() {
        due = null;
        announced = null;
        for (AutoCloseable secret : new AutoCloseable[] {secrets, keys, boxes, held}) {
            if (secret != null) {
                try {
                    secret.close();
                } catch (Exception e) {
                    throw new IllegalStateException("a secret could not be erased", e);
                }
            }
        }
    }
}
