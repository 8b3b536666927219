package org.fl4j.monitoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A record of a TensorBoard event file: the length of an event, its masked CRC, the event and its masked CRC, integers in
 * little-endian order. An event is a message {@code Event} of TensorFlow's {@code event.proto}; the numbers of its fields
 * are below.
 */
final class EventRecord {

    /** Of the file's first event; from this version on a start of a session supersedes later steps. */
    private static final String VERSION = "brain.Event:2";

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;

    private static final int SESSION_STATUS = 1;
    private static final int STATUS_START = 1;

    private static final int MASK = 0xa282ead8;
    private static final int ROTATION = 15;

    private EventRecord() {}

    static byte[] fileStart(Instant at) {
        return framed(event(at).string(FILE_VERSION, VERSION));
    }

    /** Readers drop what they have of this step and later ones. */
    static byte[] sessionStart(Instant at, int step) {
        return framed(
                event(at).varint(STEP, step).message(SESSION_LOG, new Protobuf().varint(SESSION_STATUS, STATUS_START)));
    }

    /** All figures of a step. */
    static byte[] scalars(Instant at, int step, Map<String, Double> figures) {
        Protobuf summary = new Protobuf();
        figures.forEach((name, value) -> summary.message(
                SUMMARY_VALUE, new Protobuf().string(VALUE_TAG, tag(name)).float32(VALUE_SIMPLE, nearest(value))));
        return framed(event(at).varint(STEP, step).message(SUMMARY, summary));
    }

    static int maskedCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), ROTATION) + MASK;
    }

    private static Protobuf event(Instant at) {
        return new Protobuf().float64(WALL_TIME, at.getEpochSecond() + at.getNano() / 1e9);
    }

    private static byte[] framed(Protobuf event) {
        byte[] data = event.toBytes();
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length)
                .array();
        return ByteBuffer.allocate(length.length + data.length + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(maskedCrc(length))
                .put(data)
                .putInt(maskedCrc(data))
                .array();
    }

    /** The page groups charts by what is before the slash. */
    private static String tag(String name) {
        return name.replaceFirst("[.]", "/");
    }

    private static float nearest(double value) {
        return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
    }
}
