package org.fl4j.privacy.secagg.internal.message;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * A {@link MaskedInput} in the message that brought it: its vector, nearly all of a message of perhaps megabytes, is read where
 * it is.
 *
 * <p>A vector is the last field of its record, after its length and before the checksum (CRC-32C). What precedes it is read
 * as the record of an empty vector.
 *
 * @param unopened the dealers whose shares could not be opened
 * @param message with its seal
 * @param vectorAt where in the message the vector begins
 * @param vectorBytes its length
 */
public record ReceivedInput(IndexSet unopened, Bytes message, int vectorAt, int vectorBytes) {

    /**
     * Reads a message whose seal has been verified.
     *
     * @param expected the vector's length; of another length it is copied, to be refused
     * @throws org.fl4j.CorruptDataException if it is not of the right form
     * @throws org.fl4j.NewerVersionException if it is of a newer one
     */
    public static ReceivedInput of(byte[] message, int clients, long expected) {
        int checksumAt = message.length - Envelope.SEAL_BYTES - Integer.BYTES;
        long vectorAt = checksumAt - expected;
        if (vectorAt < Integer.BYTES || !isWhole(message, (int) vectorAt, checksumAt)) {
            byte[] record = Envelope.unverified(message, Envelope.SEAL_BYTES);
            MaskedInput input = MaskedInput.fromBytes(record, clients);
            return new ReceivedInput(
                    input.unopened(), input.vector(), 0, input.vector().length());
        }
        MaskedInput rest = MaskedInput.fromBytes(withoutVector(message, (int) vectorAt), clients);
        if (rest.vector().length() > 0) {
            throw new CorruptDataException("bytes follow the end of the vector of a masked input");
        }
        return new ReceivedInput(rest.unopened(), Bytes.owning(message), (int) vectorAt, (int) expected);
    }

    private static boolean isWhole(byte[] message, int vectorAt, int checksumAt) {
        ByteBuffer fields = ByteBuffer.wrap(message);
        return fields.getInt(vectorAt - Integer.BYTES) == checksumAt - vectorAt
                && fields.getInt(checksumAt) == checksum(message, checksumAt);
    }

    private static byte[] withoutVector(byte[] message, int vectorAt) {
        byte[] record = Arrays.copyOf(message, vectorAt + Integer.BYTES);
        ByteBuffer fields = ByteBuffer.wrap(record).putInt(vectorAt - Integer.BYTES, 0);
        fields.putInt(vectorAt, checksum(record, vectorAt));
        return record;
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return (int) checksum.getValue();
    }
}
