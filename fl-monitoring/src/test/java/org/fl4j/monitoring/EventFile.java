package org.fl4j.monitoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A reader of event files by their specification, with a CRC of its own: TFRecord frames (TensorFlow,
 * {@code tensorflow/core/lib/io/record_writer.h}), {@code event.proto} and {@code summary.proto}.
 */
final class EventFile {

    /** One event; fields that it does not have are empty, 0 or NaN. */
    record Event(double wallTime, long step, String version, boolean isSessionStart, Map<String, Float> scalars) {}

    private EventFile() {}

    static List<Event> read(Path file) throws Exception {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = bytes(in, 8);
            require(unmasked(in.getInt()) == crc(length), "CRC of a length");
            byte[] data = bytes(in, (int)
                    ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
            require(unmasked(in.getInt()) == crc(data), "CRC of an event");
            events.add(event(data));
        }
        return events;
    }

    /** Bit by bit, polynomial 0x1EDC6F41 reflected (Castagnoli; RFC 3720, appendix B.4). */
    static int crc(byte[] bytes) {
        int crc = ~0;
        for (byte each : bytes) {
            crc ^= each & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
            }
        }
        return ~crc;
    }

    private static int unmasked(int masked) {
        int rotated = masked - 0xa282ead8;
        return (rotated >>> 17) | (rotated << 15);
    }

    private static Event event(byte[] data) {
        double wallTime = Double.NaN;
        long step = 0;
        String version = "";
        boolean isStart = false;
        Map<String, Float> scalars = new TreeMap<>();
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case (1 << 3) | 1 -> wallTime = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case (3 << 3) | 2 -> version = string(in);
                case (5 << 3) | 2 -> summary(ByteBuffer.wrap(delimited(in)), scalars);
                case (7 << 3) | 2 -> isStart = List.of((byte) 8, (byte) 1).equals(list(delimited(in)));
                default -> throw new AssertionError("unknown tag " + tag);
            }
        }
        return new Event(wallTime, step, version, isStart, scalars);
    }

    private static void summary(ByteBuffer in, Map<String, Float> scalars) {
        while (in.hasRemaining()) {
            require(varint(in) == ((1 << 3) | 2), "a value");
            ByteBuffer value = ByteBuffer.wrap(delimited(in)).order(ByteOrder.LITTLE_ENDIAN);
            require(varint(value) == ((1 << 3) | 2), "a tag");
            String name = string(value);
            require(varint(value) == ((2 << 3) | 5), "a simple value");
            scalars.put(name, value.getFloat());
            require(!value.hasRemaining(), "the end of a value");
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    private static byte[] delimited(ByteBuffer in) {
        return bytes(in, (int) varint(in));
    }

    private static String string(ByteBuffer in) {
        return new String(delimited(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private static List<Byte> list(byte[] bytes) {
        List<Byte> list = new ArrayList<>();
        for (byte each : bytes) {
            list.add(each);
        }
        return list;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("expected " + what);
        }
    }
}
