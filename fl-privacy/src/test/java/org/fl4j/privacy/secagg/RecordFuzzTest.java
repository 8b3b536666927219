package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is damaged before it gets its checksum and its seal. */
class RecordFuzzTest {

    private static final int CLIENTS = 4;

    /** A buffer of the reader, text, and an exception with its trace. */
    private static final long ALLOCATED_BESIDES = 1 << 17;

    private static final int ALLOCATED_PER_BYTE = 64;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {20261121})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aRecordIsReadOrCorruptAndCostsNoMoreMemoryThanItsBytes(long seed) throws Exception {
        DeterministicRandom random = new DeterministicRandom(seed);
        Map<Consumer<byte[]>, byte[]> records = records();
        List<byte[]> donors = List.copyOf(records.values());
        assertEquals(10, records.size());
        int corrupt = 0;
        int read = 0;
        for (int i = 0; i < 600; i++) {
            for (Map.Entry<Consumer<byte[]>, byte[]> each : records.entrySet()) {
                byte[] record = each.getValue();
                for (int damages = 1 + random.nextInt(2); damages > 0; damages--) {
                    record = Damage.ofRecord(random).of(record, donors, random);
                }
                record = Damage.withChecksum(record, 0);
                boolean whole = isRead(each.getKey(), record);
                read += whole ? 1 : 0;
                corrupt += whole ? 0 : 1;
                checkMemory(each.getKey(), record);
            }
        }
        assertTrue(corrupt > 2_000 && read > 1_000, corrupt + " corrupt, " + read + " read");
    }

    private static boolean isRead(Consumer<byte[]> reader, byte[] record) {
        try {
            reader.accept(record);
            return true;
        } catch (CorruptDataException | NewerVersionException e) {
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(FuzzLog.shown(record), e);
        }
    }

    private static void checkMemory(Consumer<byte[]> reader, byte[] record) {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        isRead(reader, record);
        long allocated = memory.getCurrentThreadAllocatedBytes() - before;
        assertTrue(
                allocated <= ALLOCATED_BESIDES + (long) ALLOCATED_PER_BYTE * record.length,
                () -> allocated + " bytes for a record of " + record.length + ": " + FuzzLog.shown(record));
    }

    /** Of each kind one, from a round. */
    private static Map<Consumer<byte[]>, byte[]> records() throws Exception {
        Map<Consumer<byte[]>, byte[]> records = new LinkedHashMap<>();
        try (HeldRound held = new HeldRound(FuzzedCohort.of(Adversary.MALICIOUS, CLIENTS), 1, 1)) {
            for (Optional<ProtocolStage> stage = held.next(); stage.isPresent(); stage = held.next()) {
                List<byte[]> answers = new ArrayList<>();
                for (int client : held.recipients()) {
                    answers.add(held.answer(client, held.messageFor(client)));
                }
                byte[] message = held.messageFor(1);
                boolean first = stage.get() == ProtocolStage.ADVERTISE;
                records.put(
                        toClient(stage.get()),
                        Envelope.unverified(message, first ? Ed25519.SIGNATURE_BYTES : Envelope.SEAL_BYTES));
                records.put(toServer(stage.get()), Envelope.unverified(answers.get(1), Envelope.SEAL_BYTES));
                for (int client = 0; client < answers.size(); client++) {
                    held.deliver(client, answers.get(client));
                }
            }
        }
        return records;
    }

    private static Consumer<byte[]> toClient(ProtocolStage stage) {
        return switch (stage) {
            case ADVERTISE -> RoundAnnouncement::fromBytes;
            case SHARE_KEYS -> bytes -> KeyRoster.fromBytes(bytes, CLIENTS);
            case MASKED_INPUT -> bytes -> ShareDelivery.fromBytes(bytes, CLIENTS);
            case CONSISTENCY -> bytes -> SurvivorList.fromBytes(bytes, CLIENTS);
            case UNMASK -> bytes -> UnmaskingRequest.fromBytes(bytes, CLIENTS);
        };
    }

    private static Consumer<byte[]> toServer(ProtocolStage stage) {
        return switch (stage) {
            case ADVERTISE -> KeyAdvertisement::fromBytes;
            case SHARE_KEYS -> ShareDealing::fromBytes;
            case MASKED_INPUT -> bytes -> MaskedInput.fromBytes(bytes, CLIENTS);
            case CONSISTENCY -> SurvivorSignature::fromBytes;
            case UNMASK -> bytes -> RevealedShares.fromBytes(bytes, CLIENTS);
        };
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @CsvSource({"CURIOUS, 20261121", "SEMI_MALICIOUS, 20261122", "MALICIOUS, 20261123"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aLyingClientHarmsOnlyItselfOrEndsTheRound(Adversary adversary, long seed) {
        FuzzLog log = new FuzzLog();
        ClientLies lies = new ClientLies(log, seed);
        FuzzedCohort cohort = FuzzedCohort.of(adversary, CLIENTS);
        for (int round = 1; round <= 12; round++) {
            lies.run(cohort, round, 20);
        }
        assertEquals(List.of(), log.findings());
        assertTrue(
                log.total() > 20 && lies.recovered() > 0,
                () -> log.total() + " lies, " + lies.recovered() + " sums, " + lies.unrecovered() + " without");
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @CsvSource({"CURIOUS, 20261121", "SEMI_MALICIOUS, 20261122", "MALICIOUS, 20261123"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aClientAnswersOrRejectsASealedLie(Adversary adversary, long seed) {
        FuzzLog log = new FuzzLog();
        FuzzedCohort cohort = FuzzedCohort.of(adversary, CLIENTS);
        new ServerLies(log, seed).run(cohort, 1, 8);
        new ServerLies(log, seed).run(cohort, 2, 0);
        assertEquals(List.of(), log.findings());
        assertTrue(log.total() >= 60, () -> log.total() + " lies");
    }
}
