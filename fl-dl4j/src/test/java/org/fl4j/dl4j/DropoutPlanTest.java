package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Dropout by a plan draws other masks than DL4J: it is compared by what they do. */
class DropoutPlanTest {

    private static final double KEEP = 0.7;
    private static final int WIDTH = 64;
    private static final Examples ONES = ones(20);
    private static final LocalTraining STEP =
            LocalTraining.steps(1).withBatchSize(20).withLearningRate(1);

    /** Features of ones and a target of zero. */
    private static Examples ones(int n) {
        float[] features = new float[n * WIDTH];
        Arrays.fill(features, 1);
        return Examples.withTargets(features, new long[] {WIDTH}, new float[n], new long[] {1});
    }

    /** y = sum of what is left of the features times 1/8, against 0: the weights' gradients are masks times 2 y. */
    private static MultiLayerNetwork linear(double keep) {
        MultiLayerNetwork network = ImagePlans.network(
                InputType.feedForward(WIDTH),
                new DropoutLayer.Builder(keep).build(),
                Networks.output(WIDTH, 1, LossFunction.L2, Activation.IDENTITY));
        network.getParam("1_W").assign(1 / 8.0);
        return network;
    }

    @Test
    void theMaskIsThatOfTheForwardPassAndKeptValuesAreDividedByItsProbability() {
        Examples one = ones(1);
        Dl4jModel plan = ImagePlans.byPlan(linear(KEEP), one);
        ModelWeights before = plan.weights();
        LocalTraining.Report report =
                plan.train(one, LocalTraining.steps(1).withBatchSize(1).withLearningRate(1), 5);

        double y = Math.sqrt(report.loss());
        ModelDelta moved = plan.displacementFrom(before);
        int kept = 0;
        for (int i = 0; i < WIDTH; i++) {
            if (moved.get(i) != 0) {
                kept++;
                assertEquals(-2 * y / KEEP, moved.get(i), 1e-4 * y);
            }
        }
        assertEquals(kept / 8.0 / KEEP, y, 1e-4);
    }

    /**
     * Two layers: values dropped between them have no gradient in the first. Each unit of the hidden layer is kept or
     * dropped in the step of one example; its bias moves in the first case only.
     */
    @Test
    void theGradientPassesWhereTheValueDid() {
        Examples one = ones(1);
        MultiLayerNetwork network = ImagePlans.network(
                InputType.feedForward(WIDTH),
                Networks.dense(WIDTH, WIDTH),
                new DropoutLayer.Builder(KEEP).build(),
                Networks.output(WIDTH, 1, LossFunction.L2, Activation.IDENTITY));
        Dl4jModel plan = ImagePlans.byPlan(network, one);
        ModelWeights before = plan.weights();
        plan.train(one, LocalTraining.steps(1).withBatchSize(1).withLearningRate(1), 5);

        ModelDelta moved = plan.displacementFrom(before);
        int biases = plan.layout().span("0_b").from();
        int outputs = plan.layout().span("2_W").from();
        int dropped = 0;
        for (int i = 0; i < WIDTH; i++) {
            assertEquals(moved.get(outputs + i) == 0, moved.get(biases + i) == 0, "unit " + i);
            dropped += moved.get(outputs + i) == 0 ? 1 : 0;
        }
        // Binomial(64, 0.3): mean 19.2, deviation 3.7.
        assertTrue(dropped > 5 && dropped < 34, () -> "of " + WIDTH + " values were dropped: not about 0.3");
    }

    /** Means of 200 steps of 20 losses; each loss has mean 64 + 64 * 0.3 / 0.7 / 64 = 64.43 and deviation near 10.6. */
    @Test
    void lossesAreThoseOfDl4jInTheMean() {
        LocalTraining still = LocalTraining.steps(200).withBatchSize(20).withLearningRate(1e-12);
        double plan =
                ImagePlans.byPlan(linear(KEEP), ONES).train(ONES, still, 9).loss();
        double dl4j = ImagePlans.byDl4j(linear(KEEP)).train(ONES, still, 9).loss();

        double mean = 64 + 0.3 / 0.7;
        double deviation = 2 * 8 * Math.sqrt(0.3 / 0.7) / Math.sqrt(4000);
        // Six deviations of the mean: a false alarm in 5e8.
        assertEquals(mean, plan, 6 * deviation);
        assertEquals(mean, dl4j, 6 * deviation);
    }

    @Test
    void masksFollowFromTheSeedAndDifferFromStepToStep() {
        Dl4jModel plan = ImagePlans.byPlan(linear(KEEP), ONES);
        ModelWeights before = plan.weights();
        double once = plan.train(ONES, STEP, 1).loss();
        plan.load(before);
        assertEquals(once, plan.train(ONES, STEP, 1).loss());
        plan.load(before);
        assertNotEquals(once, plan.train(ONES, STEP, 2).loss());
        plan.load(before);
        LocalTraining two = LocalTraining.steps(2).withBatchSize(20).withLearningRate(1e-12);
        assertNotEquals(once, plan.train(ONES, two, 1).loss(), 1e-3);
    }

    @Test
    void evaluationDropsNothing() {
        Dl4jModel plan = ImagePlans.byPlan(linear(KEEP), ONES);
        assertEquals(64, plan.evaluate(ONES).loss(), 1e-4);
    }

    /** As in DL4J, where these layers leave their dropout out. */
    @Test
    void batchNormalisationIgnoresItsDropoutAndOneIsNone() {
        Examples data = Networks.classified(14);
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.feedForward(Networks.FEATURES),
                        new DenseLayer.Builder()
                                .nOut(5)
                                .activation(Activation.TANH)
                                .dropOut(1.0)
                                .build(),
                        new BatchNormalization.Builder().dropOut(0.5).build(),
                        Networks.softmax(0)),
                data);
    }

    @Test
    void otherDropoutsAreNotCovered() {
        assertNotCovered(new AlphaDropout(0.5));
        assertNotCovered(new Dropout(new StepSchedule(ScheduleType.ITERATION, 0.5, 0.1, 10)));
    }

    private static void assertNotCovered(IDropout dropout) {
        MultiLayerNetwork network = ImagePlans.network(
                InputType.feedForward(Networks.FEATURES),
                new DenseLayer.Builder().nOut(5).dropOut(dropout).build(),
                Networks.softmax(0));
        NotCoveredException thrown = assertThrows(
                NotCoveredException.class,
                () -> PlanCompiler.compile(MultiLayerAccess.isolated(network), Networks.classified(4), 4));
        assertTrue(
                thrown.getMessage().startsWith("dropout " + dropout.getClass().getSimpleName()), thrown.getMessage());
    }
}
