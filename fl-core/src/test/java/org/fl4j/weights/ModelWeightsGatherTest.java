package org.fl4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors are gathered by index, whatever their own order, into the order of the layout. */
class ModelWeightsGatherTest {

    private static final ParameterSpec COLUMNS =
            new ParameterSpec("columns", List.of(2L, 3L), ElementOrder.COLUMN_MAJOR, ParameterSpec.Role.TRAINABLE);

    @FloatAndDouble
    void putsEveryIndexInItsPlace(DataType dtype) {
        INDArray matrix =
                Nd4j.createFromArray(new double[][] {{1, 2, 3}, {4, 5, 6}}).castTo(dtype);
        ParameterLayout layout = new ParameterLayout(dtype, List.of(ParameterSpec.trainable("rows", 2, 3), COLUMNS));

        for (char order : new char[] {'c', 'f'}) {
            INDArray tensor = matrix.dup(order);
            ModelWeights weights = ModelWeights.gather(layout, name -> tensor);

            double[] flat = new double[12];
            for (int i = 0; i < flat.length; i++) {
                flat[i] = weights.get(i);
            }
            // [2, 3] by rows, then by columns.
            assertEquals(List.of(1., 2., 3., 4., 5., 6., 1., 4., 2., 5., 3., 6.), boxed(flat));
            assertEquals(matrix, weights.tensor("columns"));
        }
    }

    @FloatAndDouble
    void refusesATensorOfAnotherShapeOrDtype(DataType dtype) {
        ParameterLayout layout = new ParameterLayout(DataType.FLOAT, List.of(COLUMNS));

        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> ModelWeights.gather(layout, name -> Nd4j.create(dtype, 3, 2)));

        assertEquals("parameter 'columns' must be FLOAT [2, 3], but was " + dtype + " [3, 2]", refusal.getMessage());
    }

    private static List<Double> boxed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
