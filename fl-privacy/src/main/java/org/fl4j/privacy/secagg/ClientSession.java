package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import org.fl4j.ClientId;
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
import org.fl4j.secure.SecureAggregator;
import org.jspecify.annotations.Nullable;

/**
 * A client's half of one round: each stage answers one message and returns its reply and the next stage. A message without the
 * server's seal changes nothing, so the right one may still arrive; a sealed one that must not be answered ends the round for
 * this client, and its secrets are erased.
 */
final class ClientSession implements SecureAggregator.Participant {

    private final SummedRule rule;
    private final ThreatModel threatModel;
    private final ClientId self;
    private final SecureRandom random;

    private final List<AutoCloseable> secrets = new ArrayList<>();
    private @Nullable Stage due = this::announced;

    ClientSession(SummedRule rule, ThreatModel threatModel, ClientId self, SecureRandom random) {
        this.rule = rule;
        this.threatModel = threatModel;
        this.self = self;
        this.random = random;
    }

    /** Waits for one message. */
    @FunctionalInterface
    private interface Stage {

        /** Returns the answer to the message; throws if it is not the server's message of this stage. */
        Callable<Reply> accept(byte[] message, LocalWork local);
    }

    /** The last reply has no next stage. */
    private record Reply(Bytes sealed, @Nullable Stage next) {}

    /** What a stage does with the message that it waits for. */
    @FunctionalInterface
    private interface Answer<T> {

        Reply to(T message, LocalWork local) throws Exception;
    }

    /** The round as the server announced it, and the keys of the seals between the two. */
    private record Link(VerifiedAnnouncement announced, MessageKeys keys) {

        <T> Stage await(ProtocolStage stage, BiFunction<byte[], Integer, T> reader, Answer<T> answer) {
            return (message, local) -> {
                byte[] record = announced.open(message, stage, keys);
                int clients = announced.terms().clients();
                return () -> answer.to(announced.read("message", () -> reader.apply(record, clients)), local);
            };
        }

        Reply reply(ProtocolStage stage, byte[] record, @Nullable Stage next) {
            return new Reply(Bytes.owning(Envelope.seal(record, keys.key(stage, Direction.TO_SERVER))), next);
        }
    }

    @Override
    public byte[] answer(byte[] message, LocalWork local) throws Exception {
        Stage stage = due;
        if (stage == null) {
            throw new IllegalStateException("client '" + self + "': its half of the round is over");
        }
        Callable<Reply> answer = stage.accept(message, local);
        due = null;
        try {
            Reply reply = answer.call();
            due = reply.next();
            return reply.sealed().shared();
        } finally {
            if (due == null) {
                close();
            }
        }
    }

    private Callable<Reply> announced(byte[] message, LocalWork local) {
        VerifiedAnnouncement announced = VerifiedAnnouncement.read(message, self, local.task(), rule, threatModel);
        return () -> advertise(announced);
    }

    private Reply advertise(VerifiedAnnouncement announced) throws GeneralSecurityException {
        ClientSecrets fresh = erasedAtEnd(new ClientSecrets(random));
        Link link = new Link(announced, erasedAtEnd(seals(announced, fresh)));
        KeyAdvertisement unsigned = new KeyAdvertisement(
                announced.header(),
                Bytes.owning(fresh.box().publicKey()),
                Bytes.owning(fresh.mask().publicKey()),
                announced.task(),
                Bytes.EMPTY);
        KeyAdvertisement own = threatModel.signs()
                ? unsigned.signed(threatModel.signer().sign(self, unsigned.signedBytes()))
                : unsigned;
        return link.reply(
                ProtocolStage.ADVERTISE,
                own.toBytes(),
                link.await(
                        ProtocolStage.SHARE_KEYS,
                        KeyRoster::fromBytes,
                        (roster, local) -> deal(link, fresh, Neighbourhood.of(roster, own, announced))));
    }

    private MessageKeys seals(VerifiedAnnouncement announced, ClientSecrets fresh) {
        try {
            return fresh.withServer(
                    self, announced.session().shared(), announced.serverKey().shared());
        } catch (InvalidKeyException e) {
            throw announced.violation("the server's key is not valid");
        }
    }

    private Reply deal(Link link, ClientSecrets own, Neighbourhood neighbourhood) {
        PairBoxes boxes = erasedAtEnd(new PairBoxes(neighbourhood, own.box()));
        HeldShares held = erasedAtEnd(new HeldShares(neighbourhood));
        return link.reply(
                ProtocolStage.SHARE_KEYS,
                new ShareDealer(neighbourhood, boxes, held).deal(own, random).toBytes(),
                link.await(ProtocolStage.MASKED_INPUT, ShareDelivery::fromBytes, (delivery, local) -> {
                    SurvivorCheck check = new SurvivorCheck(neighbourhood, delivery.dealers());
                    IndexSet unopened = held.open(delivery, boxes);
                    boxes.close();
                    byte[] input = maskedInput(own, neighbourhood, delivery.dealers(), local);
                    MaskedInput record = new MaskedInput(link.announced().header(), unopened, Bytes.owning(input));
                    return link.reply(ProtocolStage.MASKED_INPUT, record.toBytes(), survivors(link, held, check));
                }));
    }

    private byte[] maskedInput(ClientSecrets own, Neighbourhood here, IndexSet dealers, LocalWork local)
            throws Exception {
        VerifiedAnnouncement announced = here.announced();
        if (!local.task().fingerprint().equals(announced.task())) {
            throw announced.violation("the task is not the one that it advertised its keys for");
        }
        RingVector vector = announced.encoder().of(local);
        try (Masks masks =
                new Masks(here.transcript().shared(), announced.terms().plan())) {
            masks.addSelf(vector, own.seed(), here.index());
            int[] others = dealers.toArray();
            byte[][] secrets = here.agree(own.mask(), others, "mask key", KeyAdvertisement::maskKey);
            try {
                masks.addPairs(vector, secrets, here.index(), others);
            } finally {
                Arrays.stream(secrets).forEach(secret -> Arrays.fill(secret, (byte) 0));
            }
            return vector.pack();
        } finally {
            vector.erase();
        }
    }

    private Stage survivors(Link link, HeldShares held, SurvivorCheck check) {
        if (!threatModel.signs()) {
            return unmasking(link, held, check, Optional.empty());
        }
        return link.await(
                ProtocolStage.CONSISTENCY,
                SurvivorList::fromBytes,
                (list, local) -> link.reply(
                        ProtocolStage.CONSISTENCY,
                        check.sign(list.survivors()).toBytes(),
                        unmasking(link, held, check, Optional.of(list.survivors()))));
    }

    private static Stage unmasking(Link link, HeldShares held, SurvivorCheck check, Optional<IndexSet> signed) {
        return link.await(ProtocolStage.UNMASK, UnmaskingRequest::fromBytes, (request, local) -> {
            check.approve(request, signed);
            return link.reply(
                    ProtocolStage.UNMASK, held.reveal(request.survivors()).toBytes(), null);
        });
    }

    private <T extends AutoCloseable> T erasedAtEnd(T secret) {
        secrets.add(secret);
        return secret;
    }

    @Override
    public void close() {
        due = null;
        for (AutoCloseable secret : secrets) {
            try {
                secret.close();
            } catch (Exception e) {
                throw new IllegalStateException("a secret could not be erased", e);
            }
        }
    }
}
