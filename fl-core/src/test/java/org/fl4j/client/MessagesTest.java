package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.api.buffer.DataType;

/** Tasks and updates as they cross a wire, and the names in them. */
class MessagesTest {

    private static final ParameterLayout FLOATS = new ParameterLayout(
            DataType.FLOAT, List.of(ParameterSpec.trainable("W", 2, 1), ParameterSpec.statistic("mean", 1)));
    private static final ParameterLayout DOUBLES =
            new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("v", 2)));
    private static final ObjectiveSpec PROXIMAL = ObjectiveSpec.of("proximal", "mu", 0.01);

    private static final TrainingTask TASK = new TrainingTask(
            7,
            ModelWeights.copyOf(FLOATS, new float[] {1, -0f, Float.MIN_VALUE}),
            LocalTraining.steps(5).withBatchSize(3).withLearningRate(0.25),
            PROXIMAL,
            Map.of("control", ModelDelta.of(FLOATS, 1, 2, 3), "prior", ModelDelta.of(DOUBLES, 0.1, 0.2)),
            Long.MIN_VALUE);

    private static final ClientUpdate UPDATE = new ClientUpdate(
            new ClientId("clinic é"),
            7,
            0,
            ModelDelta.of(FLOATS, 1, 2, 3),
            1L << 40,
            Map.of("b", ModelDelta.of(DOUBLES, 0.1, 0.2), "a", ModelDelta.of(FLOATS, 4, 5, 6)),
            Map.of(ClientUpdate.LOSS, 0.5, "clipped", 1.0),
            PROXIMAL);

    private static final EvaluationTask JUDGE = new EvaluationTask(7, TASK.global());

    private static final Evaluation EVALUATION = new Evaluation(
            1L << 40, 0.1, List.of(new Evaluation.ClassCounts(1, 2, 3), new Evaluation.ClassCounts(4, 5, 6L << 33)));

    @Test
    void aTaskSurvivesSerialization() {
        TrainingTask back = TrainingTask.fromBytes(TASK.toBytes());

        assertEquals(TASK, back);
        assertArrayEquals(TASK.toBytes(), back.toBytes());
    }

    @Test
    void anUpdateSurvivesSerialization() {
        ClientUpdate back = ClientUpdate.fromBytes(UPDATE.toBytes());

        assertEquals(UPDATE, back);
        assertArrayEquals(UPDATE.toBytes(), back.toBytes());
    }

    @Test
    void anEvaluationAndItsTaskSurviveSerialization() {
        assertEquals(JUDGE, EvaluationTask.fromBytes(JUDGE.toBytes()));
        assertArrayEquals(JUDGE.toBytes(), new EvaluationTask(7, TASK.global()).toBytes());
        assertEquals(EVALUATION, Evaluation.fromBytes(EVALUATION.toBytes()));
        assertEquals(Evaluation.NONE, Evaluation.fromBytes(Evaluation.NONE.toBytes()));
        assertTrue(EvaluationTask.isIn(JUDGE.toBytes()));
        assertFalse(EvaluationTask.isIn(TASK.toBytes()));
        assertFalse(EvaluationTask.isIn(new byte[3]));
    }

    /** In the client's own code, not where the server looks at it. */
    @Test
    @SuppressWarnings("NullAway") // what a client in another language than ours could do
    void nullComponentsAreNamedInTheConstructor() {
        ClientId id = UPDATE.client();
        ModelDelta delta = UPDATE.delta();

        assertMissing("client", () -> new ClientUpdate(null, 7, 0, delta, 1, Map.of(), Map.of(), PROXIMAL));
        assertMissing("delta", () -> new ClientUpdate(id, 7, 0, null, 1, Map.of(), Map.of(), PROXIMAL));
        assertMissing("vectors", () -> new ClientUpdate(id, 7, 0, delta, 1, null, Map.of(), PROXIMAL));
        assertMissing("scalars", () -> new ClientUpdate(id, 7, 0, delta, 1, Map.of(), null, PROXIMAL));
        assertMissing("objective", () -> new ClientUpdate(id, 7, 0, delta, 1, Map.of(), Map.of(), null));
        assertMissing("classes", () -> new Evaluation(1, 0, null));
    }

    private static void assertMissing(String name, Executable making) {
        assertEquals(name, assertThrows(NullPointerException.class, making).getMessage());
    }

    /** Equal updates have the same bytes in every JVM, though each JVM iterates over its maps in an order of its own. */
    @Test
    void namesAreWrittenInAscendingOrder() {
        List<String> names = List.of("name-a", "name-b", "name-c", "name-d", "name-e", "name-f", "name-g", "name-h");
        Map<String, ModelDelta> vectors = new TreeMap<>();
        Map<String, Double> scalars = new TreeMap<>();
        names.forEach(name -> vectors.put(name, ModelDelta.zero(DOUBLES)));
        names.forEach(name -> scalars.put(name, 0.0));

        String bytes = new String(
                new ClientUpdate(UPDATE.client(), 7, 0, UPDATE.delta(), 1, vectors, scalars, PROXIMAL).toBytes(),
                StandardCharsets.ISO_8859_1);

        List<String> found = Pattern.compile("name-[a-h]")
                .matcher(bytes)
                .results()
                .map(MatchResult::group)
                .toList();
        assertEquals(names, found.subList(0, 8));
        assertEquals(names, found.subList(8, 16));
    }

    @Test
    void everyTruncationOfAMessageIsDetected() {
        forEachForm((message, reader) -> {
            for (int length = 0; length < message.length; length++) {
                byte[] data = Arrays.copyOf(message, length);
                assertThrows(CorruptDataException.class, () -> reader.accept(data));
            }
        });
    }

    /** Damage reaches the checks of layouts, shapes and names before the checksum; none of them may answer for it. */
    @Test
    void everyAlteredByteOfAMessageIsDetected() {
        for (int change : new int[] {0x01, 0x20, 0x80, 0xFF}) {
            forEachForm((message, reader) -> {
                for (int at = 0; at < message.length; at++) {
                    byte[] data = altered(message, at, change);
                    assertThrows(CorruptDataException.class, () -> reader.accept(data));
                }
            });
        }
    }

    @Test
    void aTaskIsNotReadAsAnUpdate() {
        byte[] bytes = TASK.toBytes();
        assertEquals(
                "client-update of " + bytes.length + " bytes is damaged or not of this library: "
                        + "expected a record of kind 'client-update' but it holds 'training-task'",
                assertThrows(CorruptDataException.class, () -> ClientUpdate.fromBytes(bytes))
                        .getMessage());
    }

    @Test
    void anUpdateOfATaskEchoesItsRoundAndObjective() {
        assertEquals(
                new ClientUpdate(
                        new ClientId("ann"), 7, 0, ModelDelta.of(FLOATS, 1, 2, 3), 4, Map.of(), Map.of(), PROXIMAL),
                ClientUpdate.of(new ClientId("ann"), TASK, ModelDelta.of(FLOATS, 1, 2, 3), 4));
    }

    @Test
    void roundsAreCountedFromOne() {
        assertEquals(
                "rounds are counted from 1, but was 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new TrainingTask(0, TASK.global(), TASK.localTraining(), PROXIMAL, Map.of(), 0))
                        .getMessage());
    }

    @Test
    void anObjectiveShowsItsNameAndParameters() {
        assertEquals("empirical-risk", ObjectiveSpec.EMPIRICAL_RISK.toString());
        assertEquals("proximal(mu=0.01)", PROXIMAL.toString());
        assertEquals(
                "elastic(l1=0.1, l2=0.2)",
                new ObjectiveSpec("elastic", new TreeMap<>(Map.of("l2", 0.2, "l1", 0.1))).toString());
    }

    @Test
    void anObjectiveKnowsItsParameters() {
        assertEquals(0.01, PROXIMAL.parameter("mu"));
        assertEquals(
                "objective proximal(mu=0.01) has no parameter 'nu'",
                assertThrows(IllegalArgumentException.class, () -> PROXIMAL.parameter("nu"))
                        .getMessage());
        assertEquals(
                "objective 'proximal': mu must be finite, but was NaN",
                assertThrows(IllegalArgumentException.class, () -> ObjectiveSpec.of("proximal", "mu", Double.NaN))
                        .getMessage());
        assertEquals(
                "the name of the objective must not be blank",
                assertThrows(IllegalArgumentException.class, () -> new ObjectiveSpec(" ", new TreeMap<>()))
                        .getMessage());
    }

    @Test
    void numberedIdsAreMadeWhenAskedFor() {
        List<ClientId> ids = ClientId.numbered("client-", Integer.MAX_VALUE);

        assertEquals(new ClientId("client-2000000000"), ids.get(2_000_000_000));
        assertEquals(Integer.MAX_VALUE, ids.size());
        assertEquals(List.of(), ClientId.numbered("client-", 0));
        assertThrows(IndexOutOfBoundsException.class, () -> ids.get(-1));
        assertEquals(
                "count must be at least 0, but was -1",
                assertThrows(IllegalArgumentException.class, () -> ClientId.numbered("client-", -1))
                        .getMessage());
    }

    @Test
    void anIdIsItsTextAndOrderedByIt() {
        assertEquals("ann", new ClientId("ann").toString());
        assertEquals(
                "a client's id must not be blank",
                assertThrows(IllegalArgumentException.class, () -> new ClientId("\t"))
                        .getMessage());
        assertEquals(-1, Integer.signum(new ClientId("ann").compareTo(new ClientId("bob"))));
    }

    /** It would reach another JVM as another id, and seals and seeds would not fit. */
    @Test
    void rejectsIdsThatCannotBeEncoded() {
        assertEquals("\ud83d\ude00", new ClientId("\ud83d\ude00").value());
        for (String odd : List.of("ab\ud83d", "ab\ude00", "ab\ud83dc")) {
            assertEquals(
                    "a client's id must be text that UTF-8 can write, but character 2 is an unpaired surrogate; was the"
                            + " text cut or decoded wrongly?",
                    assertThrows(IllegalArgumentException.class, () -> new ClientId(odd))
                            .getMessage());
        }
    }

    @Test
    void anIdHasAGreatestLength() {
        assertEquals(1024, new ClientId("x".repeat(ClientId.LONGEST)).value().length());
        assertEquals(
                "a client's id must have at most 1024 characters, but has 1025; it starts with '" + "x".repeat(32)
                        + "'",
                assertThrows(IllegalArgumentException.class, () -> new ClientId("x".repeat(1025)))
                        .getMessage());
        assertEquals(
                "a client's id must have at most 1024 characters, but has 100031; it starts with '" + "x".repeat(31)
                        + "'",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ClientId("x".repeat(31) + "\ud83d\ude00".repeat(50_000)))
                        .getMessage());
    }

    private static void forEachForm(BiConsumer<byte[], Consumer<byte[]>> check) {
        check.accept(TASK.toBytes(), TrainingTask::fromBytes);
        check.accept(UPDATE.toBytes(), ClientUpdate::fromBytes);
        check.accept(JUDGE.toBytes(), EvaluationTask::fromBytes);
        check.accept(EVALUATION.toBytes(), Evaluation::fromBytes);
    }

    private static byte[] altered(byte[] data, int at, int change) {
        byte[] altered = data.clone();
        altered[at] = (byte) (altered[at] ^ change);
        return altered;
    }
}
