package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.testkit.Fixtures;

/**
 * Damages sealed messages on their way. The recipient must reject it, name its sender, and be otherwise unaffected:
 * afterwards the right message is taken, and the round ends with the exact sum. Not thread-safe.
 */
final class MessageFuzz {

    /** A message of the first stage can cost a public-key operation; of the others none does. */
    private static final int WEIGHT_OF_OTHERS = 6;

    private final FuzzLog log;
    private final long seed;

    /** All messages of the round before, for splicing. */
    private final List<byte[]> before = new ArrayList<>();

    private final List<byte[]> now = new ArrayList<>();

    MessageFuzz(FuzzLog log, long seed) {
        this.log = log;
        this.seed = seed;
    }

    /** A round under about so many damaged messages. */
    void run(FuzzedCohort cohort, int round, int mutations) {
        String where = cohort + ", seed " + seed + ", round " + round;
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, round, "damage"));
        now.clear();
        try (HeldRound held = new HeldRound(cohort, round, Seeds.derive(seed, round, "keys"))) {
            if (before.isEmpty()) {
                record(cohort, round + 1_000_000);
            }
            int absent = random.nextInt(2 * cohort.clients());
            int share = mutations / (2 + 2 * WEIGHT_OF_OTHERS * (held.stages() - 1));
            for (Optional<ProtocolStage> stage = held.next(); stage.isPresent(); stage = held.next()) {
                int count = stage.get() == ProtocolStage.ADVERTISE ? share : share * WEIGHT_OF_OTHERS;
                new Attack(held, stage.get(), random, where).run(count, absent);
            }
            Optional<String> shortfall = held.shortfall();
            if (shortfall.isPresent() || !held.isExact()) {
                log.finding(where + ": no exact sum: " + shortfall.orElse("wrong"));
            }
            held.endClients();
            afterwards(held, cohort, where, random);
        } catch (Exception e) {
            log.finding(where + ": after " + log.total() + " messages " + e);
        }
        before.clear();
        before.addAll(now);
    }

    private void record(FuzzedCohort cohort, int round) throws Exception {
        try (HeldRound held = new HeldRound(cohort, round, round)) {
            for (Optional<ProtocolStage> stage = held.next(); stage.isPresent(); stage = held.next()) {
                for (int client : held.recipients()) {
                    byte[] message = held.messageFor(client);
                    byte[] answer = held.answer(client, message);
                    before.addAll(List.of(message, answer));
                    held.deliver(client, answer);
                }
            }
        }
    }

    /** A client whose round is over says so. */
    private void afterwards(HeldRound held, FuzzedCohort cohort, String where, DeterministicRandom random) {
        for (int client = 0; client < cohort.clients(); client++) {
            byte[] message = now.get(random.nextInt(now.size()));
            try {
                held.answer(client, message);
                log.finding(where + ": client " + client + " answers when its round is over");
            } catch (IllegalStateException e) {
                require(e.getMessage(), "client '" + Fixtures.client(client) + "'", where);
            } catch (Exception e) {
                log.finding(where + ": client " + client + " throws when its round is over " + e);
            }
        }
    }

    private void require(String message, String start, String where) {
        if (!message.startsWith(start) || message.length() == start.length()) {
            log.finding(where + ": expected " + start + "... but the message is " + message);
        }
    }

    /** One stage, in both directions. */
    private final class Attack {

        private final HeldRound held;
        private final ProtocolStage stage;
        private final DeterministicRandom random;
        private final String where;

        Attack(HeldRound held, ProtocolStage stage, DeterministicRandom random, String where) {
            this.held = held;
            this.stage = stage;
            this.random = random;
            this.where = where + ", " + stage;
        }

        void run(int count, int absent) throws Exception {
            Map<Integer, byte[]> messages = new TreeMap<>();
            for (int client : held.recipients()) {
                messages.put(client, held.messageFor(client));
            }
            now.addAll(messages.values());
            attack(messages, Direction.TO_CLIENT, count);
            Map<Integer, byte[]> answers = new TreeMap<>();
            for (int client : held.recipients()) {
                answers.put(client, held.answer(client, messages.getOrDefault(client, new byte[0])));
            }
            now.addAll(answers.values());
            attack(answers, Direction.TO_SERVER, count);
            answers.forEach((client, answer) -> {
                if (stage != ProtocolStage.MASKED_INPUT || client != absent) {
                    held.deliver(client, answer).ifPresent(why -> log.finding(where + ": the right answer: " + why));
                }
                if (held.hasTaken(client) && held.deliver(client, answer).isEmpty()) {
                    log.finding(where + ": the right answer of " + client + " is taken twice");
                }
            });
        }

        private void attack(Map<Integer, byte[]> originals, Direction way, int count) {
            Integer[] recipients = originals.keySet().toArray(new Integer[0]);
            for (int i = 0; i < count && log.isClean(); i++) {
                int client = recipients[random.nextInt(recipients.length)];
                byte[] original = originals.getOrDefault(client, new byte[0]);
                byte[] wrong = damaged(original, way);
                if (!Arrays.equals(wrong, original)) {
                    long start = System.nanoTime();
                    Optional<String> finding =
                            way == Direction.TO_CLIENT ? toClient(client, wrong) : toServer(client, wrong);
                    log.sent(stage, way, System.nanoTime() - start);
                    finding.ifPresent(what -> log.finding(where + " " + way + ", client " + client + ": " + what
                            + "; it was " + FuzzLog.shown(wrong) + " instead of " + FuzzLog.shown(original)));
                }
            }
        }

        private byte[] damaged(byte[] original, Direction way) {
            List<byte[]> donors = random.nextInt(2) == 0 ? before : now;
            byte[] wrong = Damage.any(random).of(original, donors, random);
            if (random.nextInt(8) == 0) {
                wrong = Damage.any(random).of(wrong, donors, random);
            }
            boolean announcement = stage == ProtocolStage.ADVERTISE && way == Direction.TO_CLIENT;
            int tail = announcement ? Ed25519.SIGNATURE_BYTES : Envelope.SEAL_BYTES;
            return random.nextInt(8) == 0 ? Damage.withChecksum(wrong, tail) : wrong;
        }

        private Optional<String> toServer(int client, byte[] wrong) {
            try {
                Optional<String> rejection = held.probe(client, wrong);
                String start = held.who(client)
                        + (wrong.length > held.terms().longestAnswer(stage)
                                ? "its answer to " + stage + " has " + wrong.length + " bytes; at most "
                                : "");
                rejection.ifPresent(why -> require(why, start, where));
                return rejection.isPresent() ? Optional.empty() : Optional.of("the server accepts it");
            } catch (RuntimeException e) {
                return Optional.of("the server throws " + e);
            }
        }

        private Optional<String> toClient(int client, byte[] wrong) {
            try {
                held.answer(client, wrong);
                return Optional.of("the client answers it");
            } catch (SecureSum.ProtocolViolationException | CorruptDataException e) {
                require(String.valueOf(e.getMessage()), held.who(client), where);
                return Optional.empty();
            } catch (Exception e) {
                return Optional.of("the client throws " + e);
            }
        }
    }
}
