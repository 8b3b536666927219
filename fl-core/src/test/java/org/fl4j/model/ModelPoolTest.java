package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;

/** What the pool lends may be trained; its initial weights are the factory's. */
class ModelPoolTest {

    private static final LocalTraining HOW = LocalTraining.epochs(1).withLearningRate(0.5);

    @Test
    void initialWeightsAreTheFactorysBeforeAndAfterTraining() {
        ModelPool<QuadraticModel> asked = ModelPool.of(() -> new QuadraticModel(2));
        ModelPool<QuadraticModel> askedLater = ModelPool.of(() -> new QuadraticModel(2));
        ModelWeights origin = QuadraticModel.weightsOf(0, 0);

        assertEquals(origin, asked.initialWeights());
        train(asked);
        train(askedLater);

        assertNotEquals(origin, asked.with(Model::weights), "nothing was trained");
        assertEquals(origin, asked.initialWeights());
        assertEquals(origin, askedLater.initialWeights());
    }

    /** A factory without a seed draws other weights for every model, and a run has one start. */
    @Test
    void initialWeightsStayTheSameWhereTheFactoryDrawsThem() {
        AtomicInteger drawn = new AtomicInteger();
        ModelPool<QuadraticModel> models = ModelPool.of(() -> {
            QuadraticModel model = new QuadraticModel(1);
            model.load(QuadraticModel.weightsOf(drawn.incrementAndGet()));
            return model;
        });

        assertEquals(models.initialWeights(), models.initialWeights());
    }

    @Test
    void theModelOfTheInitialWeightsIsLentLikeAnyOther() {
        AtomicInteger made = new AtomicInteger();
        ModelPool<QuadraticModel> models = ModelPool.of(() -> {
            made.incrementAndGet();
            return new QuadraticModel(1);
        });

        models.initialWeights();
        train(models);
        models.initialWeights();

        assertEquals(1, made.get());
    }

    @Test
    void aFactoryThatReturnsOneModelTwiceIsRefused() {
        QuadraticModel only = new QuadraticModel(1);
        ModelPool<QuadraticModel> models = ModelPool.of(() -> only);

        models.with(first -> {
            String refusal = assertThrows(IllegalStateException.class, () -> models.with(Model::layout))
                    .getMessage();
            assertTrue(refusal.contains(" it returned a QuadraticModel it had returned before: "), refusal);
            return first;
        });
    }

    @Test
    void saysHowManyModelsAreLent() {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(1));

        assertEquals(List.of(1, 2), models.with(one -> List.of(models.lent(), models.with(two -> models.lent()))));
        assertThrows(
                IllegalStateException.class,
                () -> models.with(model -> {
                    throw new IllegalStateException("a client's");
                }));
        assertEquals(0, models.lent());
    }

    private static void train(ModelPool<QuadraticModel> models) {
        models.with(model -> model.train(points(model.layout().length()), HOW, 1));
    }

    private static double[][] points(long dimension) {
        double[] point = new double[Math.toIntExact(dimension)];
        Arrays.fill(point, 3);
        return new double[][] {point};
    }
}
