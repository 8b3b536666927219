package org.fl4j.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes IDX files for the tests of their readers. */
final class IdxFiles {

    private IdxFiles() {}

    /** The bytes of a file whose values are 0, 1, .., 255, 0, .. */
    static byte[] counting(int... sides) {
        int length = 1;
        for (int side : sides) {
            length *= side;
        }
        int[] values = new int[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        return idx(values, sides);
    }

    static byte[] labels(int... labels) {
        return idx(labels, labels.length);
    }

    static byte[] idx(int[] values, int... sides) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sides.length + values.length);
        bytes.putInt(0x0800 | sides.length);
        for (int side : sides) {
            bytes.putInt(side);
        }
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.array();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    static Path write(Path directory, String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }
}
