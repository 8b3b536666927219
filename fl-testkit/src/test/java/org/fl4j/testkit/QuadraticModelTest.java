package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalDouble;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;

/** The known answers that other tests build on, worked out on paper; powers of two, so FP64 is exact. */
class QuadraticModelTest {

    /** Mean [1, 2]. */
    private static final double[][] POINTS = {{0, 4}, {2, 0}};

    private static final LocalTraining THREE_FULL_STEPS =
            LocalTraining.steps(3).withBatchSize(2).withLearningRate(0.5);

    private final QuadraticModel model = new QuadraticModel(2);

    @Test
    void threeStepsComeSevenEighthsOfTheWayToTheMean() {
        model.load(QuadraticModel.weightsOf(9, 2));

        LocalTraining.Report report = model.train(POINTS, THREE_FULL_STEPS, 1);

        assertEquals(QuadraticModel.weightsOf(2, 2), model.weights());
        // The losses before the steps, at w = [9 2], [5 2], [3 2]: (81 + 4 + 49 + 4) / 4 = 34.5, 12.5 - 2, 4.5.
        assertEquals(new LocalTraining.Report(2, 3, OptionalDouble.of(1.5), (34.5 + 10.5 + 4.5) / 3), report);
    }

    @Test
    void aCorrectionMovesTheGoal() {
        // Pull 1 to [5, 2], constant [2, -4]: the goal is ([1 2] + [5 2] - [2 -4]) / 2 = [2, 4], the rate 1/4 * 2.
        GradientCorrection correction = GradientCorrection.towards(QuadraticModel.weightsOf(5, 2), 1)
                .withConstant(ModelDelta.of(model.layout(), 2, -4));
        model.load(QuadraticModel.weightsOf(10, 4));

        model.train(POINTS, THREE_FULL_STEPS.withLearningRate(0.25), correction, 1);

        assertEquals(QuadraticModel.weightsOf(3, 4), model.weights());
    }

    @Test
    void evaluatesTheMeanLoss() {
        model.load(QuadraticModel.weightsOf(0, 0));

        // (0 + 16) / 2 and (4 + 0) / 2
        assertEquals(5, model.evaluate(POINTS).loss());
        assertEquals(2, model.evaluate(POINTS).examples());
    }

    @Test
    void refusesWeightsOfAnotherLayout() {
        assertEquals(
                "the layouts differ: parameter 'w' has shape [3] but the global model has [2]",
                assertThrows(IllegalArgumentException.class, () -> model.load(QuadraticModel.weightsOf(1, 2, 3)))
                        .getMessage());
    }
}
