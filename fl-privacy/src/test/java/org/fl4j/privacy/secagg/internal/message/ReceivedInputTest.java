package org.fl4j.privacy.secagg.internal.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivedInputTest {

    private static final int CLIENTS = 20;
    private static final IndexSet UNOPENED = IndexSet.of(CLIENTS, IntStream.of(3, 17));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 100_000})
    void readsTheVectorWhereItIs(int length) {
        byte[] vector = vector(length);
        byte[] message = message(vector);
        ReceivedInput input = ReceivedInput.of(message, CLIENTS, length);
        assertSame(message, input.message().shared());
        assertArrayEquals(
                vector, Arrays.copyOfRange(message, input.vectorAt(), input.vectorAt() + input.vectorBytes()));
        assertEquals(UNOPENED, input.unopened());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 39, 41, 1_000_000_000})
    void readsAVectorOfAnotherLength(int expected) {
        ReceivedInput input = ReceivedInput.of(message(vector(40)), CLIENTS, expected);
        assertEquals(40, input.vectorBytes());
        assertArrayEquals(
                vector(40), Arrays.copyOfRange(input.message().shared(), input.vectorAt(), input.vectorAt() + 40));
        assertEquals(UNOPENED, input.unopened());
    }

    /** The checksum finds every change of one byte; the seal after it is not this class's. */
    @Test
    void rejectsEveryChangedByte() {
        byte[] message = message(vector(40));
        for (int i = 0; i < message.length - Envelope.SEAL_BYTES; i++) {
            byte[] changed = message.clone();
            changed[i] ^= 0x20;
            assertThrows(CorruptDataException.class, () -> ReceivedInput.of(changed, CLIENTS, 40), "byte " + i);
        }
    }

    @Test
    void rejectsEveryShorterMessage() {
        byte[] message = message(vector(40));
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertThrows(CorruptDataException.class, () -> ReceivedInput.of(cut, CLIENTS, 40), length + " bytes");
        }
    }

    /** A shorter vector whose last bytes look like the length of one that follows its end. */
    @Test
    void rejectsBytesBehindTheEndOfTheVector() {
        byte[] shorter = ByteBuffer.allocate(24).putInt(20, 40).array();
        byte[] whole = message(shorter);
        int end = whole.length - Envelope.SEAL_BYTES - Integer.BYTES;
        byte[] message = Arrays.copyOf(whole, whole.length + 40);
        Arrays.fill(message, end, message.length, (byte) 0);
        CRC32C checksum = new CRC32C();
        checksum.update(message, 0, end + 40);
        ByteBuffer.wrap(message).putInt(end + 40, (int) checksum.getValue());

        assertThrows(CorruptDataException.class, () -> ReceivedInput.of(message, CLIENTS, 40));
    }

    private static byte[] vector(int length) {
        byte[] vector = new byte[length];
        new Random(7).nextBytes(vector);
        return vector;
    }

    private static byte[] message(byte[] vector) {
        MessageHeader header = new MessageHeader(Bytes.owning(new byte[32]), 5, new ClientId("hospital-17"));
        byte[] record = new MaskedInput(header, UNOPENED, Bytes.owning(vector)).toBytes();
        return Arrays.copyOf(record, record.length + Envelope.SEAL_BYTES);
    }
}
