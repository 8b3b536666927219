package org.fl4j.spark;

import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/** The bytes of several blocks in one task, or of what came of them: where blocks are small, tasks would cost more than they do. */
final class Blocks {

    private static final String KIND = "spark-blocks";
    private static final int VERSION = 1;

    private Blocks() {}

    static byte[] toBytes(List<byte[]> each) {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(each.size());
            each.forEach(out::writeBytes);
        });
    }

    static List<byte[]> fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> IntStream.range(0, in.readCount())
                        .mapToObj(i -> in.readBytes())
                        .toList());
    }
}
