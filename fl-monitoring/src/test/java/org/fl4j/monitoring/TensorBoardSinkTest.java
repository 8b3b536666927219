package org.fl4j.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files against their specification. */
class TensorBoardSinkTest {

    @TempDir
    private Path folder;

    /** The check value of CRC-32C (RFC 3720), and the rotation and constant of TensorFlow's mask on it, by hand. */
    @Test
    void theCrcIsCastagnolisAndIsMasked() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0xE3069283, EventFile.crc(digits));
        // 0xE3069283 rotated right by 15 is 0x2507C60D; plus 0xA282EAD8 it is 0xC78AB0E5.
        assertEquals(0xC78AB0E5, EventRecord.maskedCrc(digits));
    }

    /** By hand: wall time 1.5, step 300, one scalar 0.5 of tag "a/b.c". */
    @Test
    void anEventHasTheseBytes() {
        byte[] record = EventRecord.scalars(Instant.ofEpochSecond(1, 500_000_000), 300, Map.of("a.b.c", 0.5));
        byte[] event = HexFormat.of()
                .parseHex("09" + "000000000000f83f" + "10ac02" + "2a0e" + "0a0c" + "0a05" + "612f622e63" + "15"
                        + "0000003f");
        byte[] middle = new byte[event.length];
        System.arraycopy(record, 12, middle, 0, event.length);
        assertArrayEquals(event, middle);
        assertEquals(8 + 4 + event.length + 4, record.length);
        assertEquals(event.length, record[0]);
    }

    @Test
    void aRunIsReadBackWithItsStepsAndScalars() throws Exception {
        try (TensorBoardSink sink = TensorBoardSink.in(folder)) {
            sink.runStarted(RowFilesTest.start("mine", 0));
            for (int round = 1; round <= 300; round++) {
                sink.roundEnded(RowFilesTest.round(round, "central.accuracy", 0.9, "training.loss", 1.0 / round));
            }
            sink.roundEnded(RowFilesTest.round(301, "rule.norm", 1e300));
            sink.runEnded();
        }
        List<EventFile.Event> events = EventFile.read(files().get(0));
        assertEquals("brain.Event:2", events.get(0).version());
        assertTrue(events.get(1).isSessionStart());
        assertEquals(1, events.get(1).step());
        for (int round = 1; round <= 300; round++) {
            EventFile.Event event = events.get(1 + round);
            assertEquals(round, event.step());
            assertEquals(round, event.wallTime());
            assertEquals(
                    new TreeMap<>(Map.of("central/accuracy", 0.9f, "training/loss", (float) (1.0 / round))),
                    event.scalars());
        }
        assertEquals(Map.of("rule/norm", Float.MAX_VALUE), events.get(302).scalars());
        assertEquals(303, events.size());
    }

    /** As TensorBoard does: a start of a session drops later steps, files in the order of their names. */
    @Test
    void aResumedRunHasEachStepOnce() throws Exception {
        for (int[] rounds : new int[][] {{0, 4}, {2, 6}, {6, 7}}) {
            try (TensorBoardSink sink = TensorBoardSink.in(folder)) {
                sink.runStarted(RowFilesTest.start("mine", rounds[0]));
                for (int round = rounds[0] + 1; round <= rounds[1]; round++) {
                    sink.roundEnded(RowFilesTest.round(round, "training.loss", 100 * rounds[0] + round));
                }
            }
        }
        assertEquals(3, files().size());
        TreeMap<Long, Float> seen = new TreeMap<>();
        for (Path file : files()) {
            for (EventFile.Event event : EventFile.read(file)) {
                if (event.isSessionStart()) {
                    seen.tailMap(event.step(), true).clear();
                } else if (!event.scalars().isEmpty()) {
                    seen.put(event.step(), event.scalars().get("training/loss"));
                }
            }
        }
        assertEquals(Map.of(1L, 1f, 2L, 2f, 3L, 203f, 4L, 204f, 5L, 205f, 6L, 206f, 7L, 607f), seen);
    }

    @Test
    void aFolderThatIsAFileIsRefusedWhenItIsWired() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThrows(UncheckedIOException.class, () -> TensorBoardSink.in(file));
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve("mine"))) {
            return files.sorted().toList();
        }
    }
}
