package org.fl4j.model.dl4j;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.fl4j.model.ParameterLayout;
import org.fl4j.model.ParameterRole;
import org.fl4j.model.ParameterSpec;
import org.fl4j.model.ParameterSpec.ElementOrder;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads the layout off a network: its parameters are views into one flat buffer, so their offsets tell their order. */
final class NetworkLayout {

    /** BatchNorm keeps its running statistics among the parameters; gradients do not move them. */
    private static final Set<String> STATISTICS = Set.of(
            BatchNormalizationParamInitializer.GLOBAL_MEAN,
            BatchNormalizationParamInitializer.GLOBAL_VAR,
            BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

    private NetworkLayout() {}

    static ParameterLayout of(NetworkAccess access) {
        INDArray flat = access.network().params();
        if (flat == null) {
            throw new IllegalArgumentException("the network has no parameters yet; call init() on it first");
        }
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
                    role(access, view.getKey())));
        }
        return new ParameterLayout(flat.dataType(), specs);
    }

    private static ElementOrder order(INDArray values) {
        return values.ordering() == 'c' || values.isVectorOrScalar()
                ? ElementOrder.ROW_MAJOR
                : ElementOrder.COLUMN_MAJOR;
    }

    private static ParameterRole role(NetworkAccess access, String key) {
        for (Layer layer : access.layers()) {
            String prefix = layerName(access, layer) + "_";
            if (key.startsWith(prefix) && STATISTICS.contains(key.substring(prefix.length()))) {
                return ParameterRole.STATISTIC;
            }
        }
        return ParameterRole.TRAINABLE;
    }

    private static String layerName(NetworkAccess access, Layer layer) {
        return access instanceof GraphAccess
                ? layer.conf().getLayer().getLayerName()
                : String.valueOf(layer.getIndex());
    }
}
