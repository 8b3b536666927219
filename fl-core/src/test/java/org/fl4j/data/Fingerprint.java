package org.fl4j.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** A checksum over the bits of every feature and label, to pin generated data down. */
final class Fingerprint {

    private Fingerprint() {}

    static long of(Examples examples) {
        CRC32 crc = new CRC32();
        float[] row = new float[examples.featureLength()];
        for (int i = 0; i < examples.size(); i++) {
            examples.copyFeatures(i, row, 0);
            ByteBuffer bytes = ByteBuffer.allocate(4 * row.length + 4);
            for (float value : row) {
                bytes.putFloat(value);
            }
            crc.update(bytes.putInt(examples.label(i)).array());
        }
        return crc.getValue();
    }
}
