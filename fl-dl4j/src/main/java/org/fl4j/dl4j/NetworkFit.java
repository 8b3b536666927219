package org.fl4j.dl4j;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.fl4j.data.Examples;
import org.fl4j.nd4j.BatchTensors;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Checks that examples fit a network, once for all examples of some shapes, by what the network makes of the first: DL4J
 * itself says so in the midst of a training step, and not what it expected. Not thread-safe.
 */
final class NetworkFit {

    private final NetworkAccess access;
    private final DataType dtype;
    private @Nullable List<?> checked;
    private boolean binary;

    NetworkFit(NetworkAccess access, DataType dtype) {
        this.access = access;
        this.dtype = dtype;
    }

    /** The examples as the network takes them: two classes are one target where the output is one sigmoid unit. */
    Examples fitting(Examples data) {
        if (data.size() == 0) {
            return data;
        }
        List<?> shapes = List.of(data.featureShape(), data.labelShape(), data.classes());
        if (!shapes.equals(checked)) {
            Examples first = data.select(new int[] {0});
            List<Long> output = outputFor(first);
            boolean asBinary = data.classes().orElse(0) == 2 && output.equals(List.of(1L)) && isSigmoid();
            requireLabels(asBinary ? first.withBinaryTargets() : first, output);
            // Together, and only now: data that are refused say nothing about the next.
            binary = asBinary;
            checked = shapes;
        }
        return binary ? data.withBinaryTargets() : data;
    }

    private List<Long> outputFor(Examples first) {
        try (BatchTensors batch = new BatchTensors(first, 1, dtype)) {
            batch.load(0, 1);
            try (INDArray output = access.output(batch.features())) {
                return Arrays.stream(output.shape()).skip(1).boxed().toList();
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(
                        "client data have features " + first.featureShape() + expectedFeatures() + ": "
                                + e.getMessage(),
                        e);
            }
        }
    }

    private void requireLabels(Examples first, List<Long> output) {
        try (BatchTensors batch = new BatchTensors(first, 1, dtype)) {
            batch.load(0, 1);
            access.score(batch.features(), batch.labels());
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "client data have labels " + first.labelShape() + " but the network's output is " + output
                            + "; does its output layer have one unit a class?",
                    e);
        }
    }

    private String expectedFeatures() {
        return access.layers()[0].getConfig() instanceof FeedForwardLayer layer
                ? " but the network's first layer takes " + layer.getNIn() + " inputs (nIn)"
                : " but the network does not take them";
    }

    private boolean isSigmoid() {
        return access.outputLayer().getConfig() instanceof BaseLayer layer
                && layer.getActivationFn() instanceof ActivationSigmoid;
    }
}
