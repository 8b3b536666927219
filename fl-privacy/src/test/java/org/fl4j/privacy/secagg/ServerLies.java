package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * Damaged records under the right seal, from a server to its clients: a client answers, or rejects by name and is out of the
 * round. Each lie is told to a client of its own, brought to the stage anew. Not thread-safe.
 */
final class ServerLies {

    private final FuzzLog log;
    private final long seed;
    private final KeyPair signing = Ed25519.freshKeys();

    ServerLies(FuzzLog log, long seed) {
        this.log = log;
        this.seed = seed;
    }

    /** In each stage of a round, to one client, so many lies at random; or, if none, another length of each field. */
    void run(FuzzedCohort cohort, int round, int lies) {
        String where = "lies of the server, " + cohort + ", seed " + seed + ", round " + round + ", ";
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, round, "server lies"));
        try (HeldRound held = new HeldRound(cohort, round, Seeds.derive(seed, round, "keys"))) {
            Telling telling = new Telling(held, random.nextInt(cohort.clients()), random, where);
            for (Optional<ProtocolStage> stage = held.next(); stage.isPresent(); stage = held.next()) {
                telling.run(stage.get(), lies);
            }
        } catch (Exception e) {
            log.finding(where + e);
        }
    }

    /** One round of it. */
    private final class Telling {

        private final HeldRound held;
        private final int victim;
        private final DeterministicRandom random;
        private final String where;
        private final List<byte[]> past = new ArrayList<>();
        private List<ClientSession> misled = new ArrayList<>();

        Telling(HeldRound held, int victim, DeterministicRandom random, String where) {
            this.held = held;
            this.victim = victim;
            this.random = random;
            this.where = where;
        }

        void run(ProtocolStage stage, int lies) throws Exception {
            Map<Integer, byte[]> messages = new TreeMap<>();
            Map<Integer, byte[]> answers = new TreeMap<>();
            for (int client : held.recipients()) {
                messages.put(client, held.messageFor(client));
                answers.put(client, held.answer(client, messages.getOrDefault(client, new byte[0])));
            }
            byte[] truth = messages.getOrDefault(victim, new byte[0]);
            List<ClientSession> still = new ArrayList<>();
            for (ClientSession client : misled) {
                if (answers(client, stage, truth)) {
                    still.add(client);
                }
            }
            for (byte[] lie : lies > 0 ? random(stage, messages, lies) : everyLength(stage, truth)) {
                ClientSession client = held.again(victim, past);
                if (answers(client, stage, lie)) {
                    still.add(client);
                } else if (stage != ProtocolStage.ADVERTISE) {
                    checkIsOver(client, stage, truth);
                }
            }
            misled = still;
            past.add(truth);
            answers.forEach(held::deliver);
        }

        private List<byte[]> random(ProtocolStage stage, Map<Integer, byte[]> messages, int lies)
                throws GeneralSecurityException {
            List<byte[]> donors = List.copyOf(messages.values());
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < lies; i++) {
                byte[] truth = messages.getOrDefault(victim, new byte[0]);
                all.add(lie(held, stage, victim, truth, donors, random));
            }
            return all;
        }

        private List<byte[]> everyLength(ProtocolStage stage, byte[] truth) throws GeneralSecurityException {
            List<byte[]> all = new ArrayList<>();
            boolean announces = stage == ProtocolStage.ADVERTISE;
            byte[] record = announces ? ownAnnouncement(truth) : Envelope.unverified(truth, Envelope.SEAL_BYTES);
            for (byte[] resized : Damage.resizings(record)) {
                byte[] fixed = Damage.withChecksum(resized, 0);
                all.add(announces ? signed(fixed) : held.keys().seal(victim, stage, fixed));
            }
            return all;
        }

        private boolean answers(ClientSession client, ProtocolStage stage, byte[] message) {
            boolean answered = false;
            long start = System.nanoTime();
            try {
                held.answer(client, victim, message);
                answered = true;
            } catch (FederatedLearningException e) {
                if (!String.valueOf(e.getMessage()).startsWith(held.who(victim))) {
                    log.finding(where + stage + ": not by name: " + e + "; it was " + FuzzLog.shown(message));
                }
            } catch (Exception e) {
                log.finding(where + stage + ": " + e + "; it was " + FuzzLog.shown(message));
            }
            log.sent(stage, Direction.TO_CLIENT, System.nanoTime() - start);
            return answered;
        }

        /** A client that was lied to answers nothing more. */
        private void checkIsOver(ClientSession client, ProtocolStage stage, byte[] truth) throws Exception {
            try {
                held.answer(client, victim, truth);
                log.finding(where + stage + ": it answers after a lie");
            } catch (IllegalStateException e) {
                if (!String.valueOf(e.getMessage()).contains("is over")) {
                    log.finding(where + stage + ": after a lie " + e);
                }
            }
        }
    }

    private byte[] lie(
            HeldRound held,
            ProtocolStage stage,
            int victim,
            byte[] message,
            List<byte[]> donors,
            DeterministicRandom random)
            throws GeneralSecurityException {
        if (stage == ProtocolStage.ADVERTISE) {
            return announcement(message, donors, random);
        }
        byte[] record = Envelope.unverified(message, Envelope.SEAL_BYTES);
        if (stage == ProtocolStage.SHARE_KEYS && random.nextInt(2) == 0) {
            record =
                    rosterWithout(held, KeyRoster.fromBytes(record, held.terms().clients()), donors, random);
        } else {
            record = damaged(record, donors, random);
        }
        return held.keys().seal(victim, stage, record);
    }

    private byte[] announcement(byte[] message, List<byte[]> donors, DeterministicRandom random)
            throws GeneralSecurityException {
        RoundAnnouncement truth = RoundAnnouncement.fromBytes(Envelope.unverified(message, Ed25519.SIGNATURE_BYTES));
        int depth = random.nextInt(3);
        byte[] context = truth.context().shared();
        byte[] record = new RoundAnnouncement(
                        depth == 0 ? Damage.number(random) : truth.clients(),
                        Bytes.owning(depth == 1 ? damaged(context, donors, random) : context),
                        truth.terms(),
                        truth.agreementKey(),
                        Bytes.owning(signing.getPublic().getEncoded()))
                .toBytes();
        return signed(depth == 2 ? damaged(record, donors, random) : record);
    }

    private byte[] ownAnnouncement(byte[] message) {
        RoundAnnouncement truth = RoundAnnouncement.fromBytes(Envelope.unverified(message, Ed25519.SIGNATURE_BYTES));
        return new RoundAnnouncement(
                        truth.clients(),
                        truth.context(),
                        truth.terms(),
                        truth.agreementKey(),
                        Bytes.owning(signing.getPublic().getEncoded()))
                .toBytes();
    }

    private byte[] signed(byte[] record) throws GeneralSecurityException {
        byte[] signature = Ed25519.sign(signing.getPrivate(), record);
        byte[] lie = Arrays.copyOf(record, record.length + signature.length);
        System.arraycopy(signature, 0, lie, record.length, signature.length);
        return lie;
    }

    /** A roster that is right but for the keys of one neighbour, which can be signed: a neighbour may be in league. */
    private static byte[] rosterWithout(
            HeldRound held, KeyRoster roster, List<byte[]> donors, DeterministicRandom random)
            throws GeneralSecurityException {
        List<Bytes> neighbours = new ArrayList<>(roster.neighbours());
        int liar = random.nextInt(neighbours.size());
        byte[] damaged = damaged(neighbours.get(liar).shared(), donors, random);
        try {
            damaged = held.signed(KeyAdvertisement.fromBytes(damaged)).toBytes();
        } catch (CorruptDataException e) {
            // Then it goes out as it is.
        }
        neighbours.set(liar, Bytes.owning(damaged));
        List<Bytes> leaves = new ArrayList<>();
        neighbours.forEach(entry -> leaves.add(Bytes.owning(Transcript.leaf(entry.shared()))));
        int own = Arrays.binarySearch(roster.advertised().toArray(), roster.index());
        KeyAdvertisement ownKeys = held.keys().advertisement(roster.index());
        leaves.add(Math.min(own, leaves.size()), Bytes.owning(Transcript.leaf(ownKeys.toBytes())));
        byte[] hash = Transcript.roster(roster.header().session().shared(), roster.advertised(), leaves);
        return new KeyRoster(
                        roster.header(),
                        roster.index(),
                        roster.advertised(),
                        roster.graphSeed(),
                        Bytes.owning(hash),
                        roster.leaves(),
                        neighbours)
                .toBytes();
    }

    private static byte[] damaged(byte[] record, List<byte[]> donors, DeterministicRandom random) {
        return Damage.withChecksum(Damage.ofRecord(random).of(record, donors, random), 0);
    }
}
