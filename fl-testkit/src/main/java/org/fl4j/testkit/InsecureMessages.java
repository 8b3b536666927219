package org.fl4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/** The messages of {@link InsecureForTests}: a kind of record for each stage and direction, all in the clear. */
final class InsecureMessages {

    private static final int VERSION = 1;

    private InsecureMessages() {}

    /** An answer to a stage, as the server reads it. The confirmed ids are those of {@code UNMASK}. */
    public record Answer(ClientId from, int round, List<Double> values, List<ClientId> confirmed) {}

    public static byte[] toClient(InsecureForTests.Stage stage, Consumer<BinaryWriter> body) {
        return BinaryWriter.toBytes(kind(stage, "to-client"), VERSION, body);
    }

    static <T> T atClient(InsecureForTests.Stage stage, byte[] message, Function<BinaryReader, T> body) {
        return BinaryReader.fromBytes(message, kind(stage, "to-client"), VERSION, body);
    }

    public static byte[] toServer(InsecureForTests.Stage stage, Answer answer) {
        return BinaryWriter.toBytes(kind(stage, "to-server"), VERSION, out -> {
            out.writeString(answer.from().value());
            out.writeInt(answer.round());
            out.writeDoubles(
                    answer.values().stream().mapToDouble(Double::doubleValue).toArray());
            writeIds(out, answer.confirmed());
        });
    }

    static Answer atServer(InsecureForTests.Stage stage, byte[] message) {
        return BinaryReader.fromBytes(
                message,
                kind(stage, "to-server"),
                VERSION,
                in -> new Answer(
                        new ClientId(in.readString()),
                        in.readInt(),
                        DoubleStream.of(in.readDoubles()).boxed().toList(),
                        readIds(in)));
    }

    public static void writeIds(BinaryWriter out, List<ClientId> ids) {
        out.writeInt(ids.size());
        ids.forEach(id -> out.writeString(id.value()));
    }

    static List<ClientId> readIds(BinaryReader in) {
        List<ClientId> ids = new ArrayList<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            ids.add(new ClientId(in.readString()));
        }
        return List.copyOf(ids);
    }

    private static String kind(InsecureForTests.Stage stage, String direction) {
        return "insecure-" + stage.name().toLowerCase(Locale.ROOT) + "-" + direction;
    }
}
