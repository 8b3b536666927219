package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.compression.Uplink;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What is counted against what is encoded. */
class EncodedLengthTest {

    /** Of one to four bytes a character in UTF-8. */
    private static final String[] LETTERS = {"a", "Z", "7", "é", "ß", "漢", "\uFFFD", "😀", "𝄞"};

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void isThatOfTheBytes(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            ModelWeights global = weights(layout(random));
            TrainingTask task = new TrainingTask(
                    1 + random.nextInt(1000),
                    random.nextInt(3),
                    random.nextLong(),
                    global,
                    training(random),
                    objective(random),
                    random.nextBoolean() ? PersonalTraining.JOINT : PersonalTraining.ditto(random.nextDouble()),
                    random.nextBoolean() ? Uplink.NONE : Uplink.withErrorFeedback(Codec.topK(0.5)),
                    vectors(random),
                    random.nextLong(),
                    Delivery.NONE);
            assertEquals(task.toBytes().length, task.encodedLength());

            ClientUpdate update = new ClientUpdate(
                    new ClientId("c" + text(random)),
                    task.round(),
                    task.token(),
                    global.minus(global),
                    random.nextLong(),
                    vectors(random),
                    scalars(random),
                    task.objective());
            assertEquals(update.toBytes().length, update.encodedLength());

            for (Codec codec : List.of(Codec.eden(1), Codec.topK(0.3), Codec.fp16())) {
                ClientUpdate encoded = update.encodedAs(CompressedDelta.of(codec, update.delta(), 7));
                assertEquals(encoded.toBytes().length, encoded.encodedLength());
                assertEquals(encoded, ClientUpdate.fromBytes(encoded.toBytes()));
            }

            ClientUpdate bare = ClientUpdate.of(new ClientId("ab"), task, update.delta(), 5);
            assertEquals(bare.toBytes().length - 2, ClientUpdate.shortestAnswerTo(task));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3000})
    void isThatOfEveryFieldOfTheForm(int n) {
        assertCounted(out -> out.writeInt(n));
        assertCounted(out -> out.writeLong(n));
        assertCounted(out -> out.writeDouble(n));
        assertCounted(out -> out.writeString("é".repeat(n)));
        assertCounted(out -> out.writeBytes(new byte[n]));
        assertCounted(out -> out.writeFloats(new float[n]));
        assertCounted(out -> out.writeDoubles(new double[n]));
    }

    private static void assertCounted(Consumer<BinaryWriter> body) {
        assertEquals(BinaryWriter.toBytes("kind é", 3, body).length, BinaryWriter.length("kind é", 3, body));
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return text.toString();
    }

    private static ParameterLayout layout(Random random) {
        List<ParameterSpec> specs = new ArrayList<>();
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            long n = 1L + random.nextInt(random.nextInt(10) == 0 ? 5000 : 20);
            specs.add(
                    random.nextBoolean()
                            ? ParameterSpec.statistic(i + text(random), n)
                            : new ParameterSpec(
                                    i + text(random),
                                    List.of(1L, n),
                                    ParameterSpec.ElementOrder.COLUMN_MAJOR,
                                    ParameterSpec.Role.TRAINABLE));
        }
        return new ParameterLayout(random.nextBoolean() ? DataType.FLOAT : DataType.DOUBLE, specs);
    }

    private static ModelWeights weights(ParameterLayout layout) {
        return layout.dtype() == DataType.FLOAT
                ? ModelWeights.copyOf(layout, new float[layout.length()])
                : ModelWeights.copyOf(layout, new double[layout.length()]);
    }

    private static LocalTraining training(Random random) {
        LocalTraining some = random.nextBoolean() ? LocalTraining.epochs(2) : LocalTraining.steps(7);
        some = some.withBatchSize(5).withLearningRate(0.5);
        return random.nextBoolean() ? some : some.withSmallestBatch(3);
    }

    private static ObjectiveSpec objective(Random random) {
        return new ObjectiveSpec("o" + text(random), new TreeMap<>(scalars(random)));
    }

    private static Map<String, Double> scalars(Random random) {
        Map<String, Double> scalars = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            scalars.put(text(random), random.nextDouble());
        }
        return scalars;
    }

    private static Map<String, ModelDelta> vectors(Random random) {
        Map<String, ModelDelta> vectors = new HashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            vectors.put(text(random), ModelDelta.zero(layout(random)));
        }
        return vectors;
    }
}
