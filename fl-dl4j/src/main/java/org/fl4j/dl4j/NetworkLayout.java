package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/** Reads the layout off a network: its parameters are views into one flat buffer, so their offsets tell their order. */
final class NetworkLayout {

    private NetworkLayout() {}

    static ParameterLayout of(NetworkAccess access) {
        INDArray flat = access.network().params();
        Set<String> statistics = statistics(access);
        List<Map.Entry<String, INDArray>> views =
                new ArrayList<>(access.network().paramTable(false).entrySet());
        views.sort(Comparator.comparingLong(view -> view.getValue().offset()));
        List<ParameterSpec> specs = new ArrayList<>();
        long at = flat.offset();
        for (Map.Entry<String, INDArray> view : views) {
            INDArray values = view.getValue();
            if (values.offset() != at) {
                throw new IllegalArgumentException("parameter '" + view.getKey() + "' lies at " + values.offset()
                        + " of the flat buffer, expected " + at + "; parameters that overlap are not supported");
            }
            at += values.length();
            specs.add(new ParameterSpec(
                    view.getKey(),
                    LongStream.of(values.shape()).boxed().toList(),
                    order(values),
                    statistics.contains(view.getKey()) ? ParameterSpec.Role.STATISTIC : ParameterSpec.Role.TRAINABLE));
        }
        return new ParameterLayout(flat.dataType(), specs);
    }

    private static ElementOrder order(INDArray values) {
        return values.ordering() == 'c' || values.isVectorOrScalar()
                ? ElementOrder.ROW_MAJOR
                : ElementOrder.COLUMN_MAJOR;
    }

    /**
     * DL4J marks by the updater NoOp what no gradient step moves: BatchNorm's running mean and variance and the centers
     * of a center loss (their "gradients" are finished updates), and frozen layers. Frozen layers that pass gradients
     * on keep their updater but never have a gradient; likewise what only unsupervised pretraining moves.
     */
    private static Set<String> statistics(NetworkAccess access) {
        Set<String> names = new HashSet<>();
        for (Layer layer : access.layers()) {
            Map<String, INDArray> parameters = layer.paramTable(false);
            if (parameters == null) {
                continue;
            }
            String prefix = access.name(layer) + "_";
            for (String parameter : parameters.keySet()) {
                if (layer instanceof FrozenLayerWithBackprop
                        || layer.getConfig().getUpdaterByParam(parameter) instanceof NoOp
                        || layer.getConfig().isPretrainParam(parameter)) {
                    names.add(prefix + parameter);
                }
            }
        }
        return names;
    }
}
