package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Uplink;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Clients of one round agree on their task's fingerprint, and only they do. */
class TaskFingerprintTest {

    private static final ParameterLayout LAYOUT =
            new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("w", 2)));
    private static final ModelWeights GLOBAL = ModelWeights.copyOf(LAYOUT, new double[] {0.5, -0.0});
    private static final LocalTraining HOW =
            LocalTraining.steps(5).withBatchSize(3).withLearningRate(0.25);
    private static final ObjectiveSpec OBJECTIVE = ObjectiveSpec.of("proximal", "mu", 0.01);
    private static final Map<String, ModelDelta> VECTORS =
            Map.of("b", ModelDelta.of(LAYOUT, 1, 2), "a", ModelDelta.of(LAYOUT, 3, 4));
    private static final TrainingTask TASK = new TrainingTask(7, GLOBAL, HOW, OBJECTIVE, VECTORS, 42);

    /** By a Python program over hashlib's SHA-256 and a bitwise CRC-32C, from the documented binary form. */
    @Test
    void isTheSha256OfItsDocumentedForm() {
        assertEquals("c688bf512ca4cec2fe6ef9644e5b857192020cf9be575808f164808da84f5d10", TASK.fingerprint());
    }

    @Test
    void tasksOfOneRoundAgreeWhateverTheirSeedsAndTransport() {
        assertEquals(TASK.fingerprint(), new TrainingTask(7, GLOBAL, HOW, OBJECTIVE, VECTORS, 43).fingerprint());
        assertEquals(TASK.fingerprint(), TrainingTask.fromBytes(TASK.toBytes()).fingerprint());
        assertEquals(
                TASK.fingerprint(),
                new TrainingTask(7, GLOBAL, HOW, OBJECTIVE, new TreeMap<>(VECTORS), 42).fingerprint());
    }

    @Test
    void everyOtherPartChangesTheFingerprint() {
        List<TrainingTask> tasks = List.of(
                TASK,
                new TrainingTask(8, GLOBAL, HOW, OBJECTIVE, VECTORS, 42),
                with(ModelWeights.copyOf(LAYOUT, new double[] {0.5, 0.0})),
                with(ModelWeights.copyOf(LAYOUT, new double[] {Math.nextUp(0.5), -0.0})),
                with(LocalTraining.epochs(5).withBatchSize(3).withLearningRate(0.25)),
                with(LocalTraining.steps(6).withBatchSize(3).withLearningRate(0.25)),
                with(HOW.withBatchSize(4)),
                with(HOW.withLearningRate(Math.nextUp(0.25))),
                with(ObjectiveSpec.EMPIRICAL_RISK),
                with(ObjectiveSpec.of("proximal", "nu", 0.01)),
                with(ObjectiveSpec.of("elastic", "mu", 0.01)),
                with(ObjectiveSpec.of("proximal", "mu", Math.nextUp(0.01))),
                with(PersonalTraining.fedRep(1), Uplink.NONE),
                with(PersonalTraining.fedRep(2), Uplink.NONE),
                with(PersonalTraining.ditto(0.5), Uplink.NONE),
                with(PersonalTraining.JOINT, Uplink.of(Codec.sign())),
                with(PersonalTraining.JOINT, Uplink.withErrorFeedback(Codec.sign())),
                with(PersonalTraining.JOINT, Uplink.of(Codec.eden(2))),
                with(Map.of()),
                with(Map.of("a", ModelDelta.of(LAYOUT, 3, 4))),
                with(Map.of("b", ModelDelta.of(LAYOUT, 1, 2))),
                with(Map.of("b", ModelDelta.of(LAYOUT, 3, 4), "a", ModelDelta.of(LAYOUT, 1, 2))),
                with(Map.of("c", ModelDelta.of(LAYOUT, 1, 2), "a", ModelDelta.of(LAYOUT, 3, 4))),
                with(Map.of("b", ModelDelta.of(LAYOUT, 1, 2), "a", ModelDelta.of(LAYOUT, 3, Math.nextUp(4.0)))));

        Set<String> fingerprints = new HashSet<>();
        tasks.forEach(task -> fingerprints.add(task.fingerprint()));

        assertEquals(tasks.size(), fingerprints.size());
    }

    private static TrainingTask with(ModelWeights global) {
        return new TrainingTask(7, global, HOW, OBJECTIVE, VECTORS, 42);
    }

    private static TrainingTask with(LocalTraining how) {
        return new TrainingTask(7, GLOBAL, how, OBJECTIVE, VECTORS, 42);
    }

    private static TrainingTask with(ObjectiveSpec objective) {
        return new TrainingTask(7, GLOBAL, HOW, objective, VECTORS, 42);
    }

    private static TrainingTask with(Map<String, ModelDelta> vectors) {
        return new TrainingTask(7, GLOBAL, HOW, OBJECTIVE, vectors, 42);
    }

    private static TrainingTask with(PersonalTraining personal, Uplink uplink) {
        return new TrainingTask(7, 0, 0, GLOBAL, HOW, OBJECTIVE, personal, uplink, VECTORS, 42, Delivery.NONE);
    }
}
