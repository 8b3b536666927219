package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.CorruptDataException;
import org.fl4j.FederatedLearningException;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.testkit.Fixtures;

/**
 * Damaged records under the right seal, from clients to the server: it accepts or rejects them by name and never throws, no
 * honest client has to give up because of them, and what sum there is, is exact. A lie about a client's own vector is its input.
 * Not thread-safe.
 */
final class ClientLies {

    private final FuzzLog log;
    private final long seed;
    private int recovered;
    private int unrecovered;

    ClientLies(FuzzLog log, long seed) {
        this.log = log;
        this.seed = seed;
    }

    int recovered() {
        return recovered;
    }

    int unrecovered() {
        return unrecovered;
    }

    /**
     * A round with one liar, sometimes more, who lie in one stage or in all, until a lie is taken: in turn by another length
     * of each field and so many lies at random.
     */
    void run(FuzzedCohort cohort, int round, int lies) {
        String where = "lies of clients, " + cohort + ", seed " + seed + ", round " + round;
        try (HeldRound held = new HeldRound(cohort, round, Seeds.derive(seed, round, "keys"))) {
            DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, round, "client lies"));
            int which = round % (held.stages() + 1);
            Lying lying = new Lying(held, random, where, which);
            for (Optional<ProtocolStage> stage = held.next(); stage.isPresent(); stage = held.next()) {
                lying.run(stage.get(), round / (held.stages() + 1) % 2 == 0 ? 0 : lies);
            }
            Optional<String> shortfall = held.shortfall();
            if (shortfall.isPresent()) {
                unrecovered++;
            } else {
                recovered++;
            }
            if (shortfall.isPresent() ? lying.mustRecover() : !lying.aboutInput && !held.isExact()) {
                log.finding(where + ": liars " + lying.liars + ": " + shortfall.orElse("the sum is wrong"));
            }
        } catch (Exception e) {
            log.finding(where + ": " + e);
        }
    }

    /** One round of it. */
    private final class Lying {

        private final HeldRound held;
        private final DeterministicRandom random;
        private final String where;
        private final BitSet liars = new BitSet();
        private final int which;
        private int stages;
        private boolean aboutInput;
        private boolean aboutShares;

        Lying(HeldRound held, DeterministicRandom random, String where, int which) {
            this.which = which;
            this.held = held;
            this.random = random;
            this.where = where;
            for (int left = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1; left > 0; left--) {
                liars.set(random.nextInt(held.terms().clients()));
            }
        }

        /** One client may drop out; but who deals shares that are none can keep all from their sum. */
        boolean mustRecover() {
            return liars.cardinality() == 1 && !aboutInput && !aboutShares;
        }

        void run(ProtocolStage stage, int lies) throws Exception {
            Map<Integer, byte[]> answers = new TreeMap<>();
            for (int client : held.recipients()) {
                try {
                    answers.put(client, held.answer(client, held.messageFor(client)));
                } catch (FederatedLearningException | IllegalStateException e) {
                    if (!liars.get(client)) {
                        log.finding(where + ", " + stage + ": honest client " + client + " gives up: " + e);
                    }
                }
            }
            boolean now = stages++ == which || which == held.stages();
            for (Map.Entry<Integer, byte[]> each : answers.entrySet()) {
                int client = each.getKey();
                if (now && liars.get(client)) {
                    byte[] truth = Envelope.unverified(each.getValue(), Envelope.SEAL_BYTES);
                    for (byte[] lie : lies > 0 ? random(truth, answers, client, lies) : everyLength(truth, stage)) {
                        tell(stage, client, truth, lie);
                    }
                }
                if (!held.hasTaken(client) && (!liars.get(client) || random.nextInt(4) > 0)) {
                    Optional<String> rejection = held.deliver(client, each.getValue());
                    if (rejection.isPresent() && !liars.get(client)) {
                        log.finding(where + ", " + stage + ": honest client " + client + ": " + rejection.get());
                    }
                }
            }
        }

        /** Most with the header as it was, which is taken whatever it says, after the first stage. */
        private List<byte[]> random(byte[] truth, Map<Integer, byte[]> answers, int client, int lies) {
            List<byte[]> donors = List.copyOf(answers.values());
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < lies; i++) {
                byte[] lie = Damage.ofRecord(random).of(truth, donors, random);
                int kept = random.nextInt(4) == 0 ? 0 : Math.min(bodyAt(truth, client), lie.length);
                System.arraycopy(truth, 0, lie, 0, kept);
                all.add(lie);
            }
            return all;
        }

        /** Magic, kind, version, session, round, client. */
        private static int bodyAt(byte[] truth, int client) {
            int kind = ByteBuffer.wrap(truth).getInt(Integer.BYTES);
            return 6 * Integer.BYTES
                    + kind
                    + Sha256.BYTES
                    + Fixtures.client(client).value().length();
        }

        private static List<byte[]> everyLength(byte[] truth, ProtocolStage stage) {
            List<byte[]> all = new ArrayList<>();
            if (stage == ProtocolStage.ADVERTISE) {
                all.addAll(Damage.withZeroKeys(truth));
            }
            all.addAll(Damage.resizings(truth));
            return all;
        }

        private void tell(ProtocolStage stage, int client, byte[] truth, byte[] record) throws Exception {
            if (held.hasTaken(client) || Arrays.equals(record, truth)) {
                return;
            }
            byte[] lie = sealed(stage, client, Damage.withChecksum(record, 0));
            long start = System.nanoTime();
            try {
                Optional<String> rejection = held.probe(client, lie);
                if (rejection.isPresent() && !rejection.get().startsWith(held.who(client))) {
                    log.finding(where + ", " + stage + ": rejected, but not by name: " + rejection.get());
                }
                if (rejection.isEmpty()) {
                    byte[] taken = Envelope.unverified(lie, Envelope.SEAL_BYTES);
                    aboutShares |=
                            stage == ProtocolStage.SHARE_KEYS && !shares(truth).equals(shares(taken));
                    aboutInput |= stage == ProtocolStage.MASKED_INPUT
                            && !vector(truth).equals(vector(taken));
                }
            } catch (RuntimeException e) {
                log.finding(where + ", " + stage + ": the server throws " + e + "; it was " + FuzzLog.shown(lie));
            }
            log.sent(stage, Direction.TO_SERVER, System.nanoTime() - start);
        }

        private static List<Bytes> shares(byte[] record) {
            ShareDealing dealing = ShareDealing.fromBytes(record);
            return List.of(dealing.seedCommitment(), dealing.commitments(), dealing.boxes());
        }

        private Bytes vector(byte[] record) {
            return MaskedInput.fromBytes(record, held.terms().clients()).vector();
        }

        private byte[] sealed(ProtocolStage stage, int client, byte[] record) throws GeneralSecurityException {
            if (stage != ProtocolStage.ADVERTISE) {
                MessageKeys keys =
                        Objects.requireNonNull(held.keys().peers().get(client)).seals();
                return Envelope.seal(record, keys.key(stage, Direction.TO_SERVER));
            }
            try {
                KeyAdvertisement keys = KeyAdvertisement.fromBytes(record);
                if (random.nextInt(2) == 0) {
                    keys = held.signed(keys);
                }
                MessageKeys shared = held.serverKeys().with(keys);
                return Envelope.seal(keys.toBytes(), shared.key(stage, Direction.TO_SERVER));
            } catch (CorruptDataException | InvalidKeyException e) {
                return Envelope.seal(record, new byte[Sha256.BYTES]);
            }
        }
    }
}
