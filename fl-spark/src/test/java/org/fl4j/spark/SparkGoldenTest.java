package org.fl4j.spark;

import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.nd4j.NumericFingerprint;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.GoldenFiles;
import org.fl4j.testkit.GoldenFiles.Form;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The binary forms of fl-spark. */
class SparkGoldenTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final ComponentState REMEMBERED =
            ComponentState.of("remembered", 1).with("r", 3L);

    @TestFactory
    Stream<DynamicTest> binaryForms() {
        return GoldenFiles.tests(List.of(
                of(
                        "spark-answer",
                        "Answer.KIND",
                        new Answer(
                                        "executor 3 on node-é",
                                        new NumericFingerprint(
                                                "OPENBLAS 0.3 for the core ZEN", 2, 4, "0123456789abcdef"),
                                        Answer.Kind.REJECTED,
                                        new byte[] {1, 2, 3})
                                .toBytes(),
                        bytes -> Answer.fromBytes(bytes).toBytes()),
                new Form<>(
                        "spark-call",
                        "CallTask.KIND",
                        new CallTask(new ClientId("clinic é"), 0x5EED, REMEMBERED),
                        CallTask::toBytes,
                        CallTask::fromBytes),
                of(
                        "spark-call-result",
                        "CallResult.KIND",
                        new CallResult(new byte[] {4, 5}, REMEMBERED).toBytes(),
                        bytes -> CallResult.fromBytes(bytes).toBytes())));
    }

    private static Form<String> of(String name, String writer, byte[] example, UnaryOperator<byte[]> again) {
        Function<byte[], String> read = bytes -> HEX.formatHex(again.apply(bytes));
        return new Form<>(name, writer, HEX.formatHex(example), HEX::parseHex, read);
    }
}
