package org.fl4j.model;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the models of a pool have each for themselves: objects by identity, tensors by the memory they lie in. Not
 * thread-safe.
 */
final class ExclusiveState {

    private final Set<Object> objects = Collections.newSetFromMap(new IdentityHashMap<>());
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    /** Records a model's state; throws if another model has a part of it. */
    void claim(Model<?> model) {
        if (!objects.add(model)) {
            throw notExclusive("a " + model.getClass().getSimpleName() + " it had returned before");
        }
        for (Object state : model.exclusiveState()) {
            if (state instanceof INDArray tensor) {
                claim(tensor);
            } else if (!objects.add(state)) {
                throw notExclusive(
                        "two models that share one " + state.getClass().getSimpleName());
            }
        }
    }

    private void claim(INDArray tensor) {
        if (tensor.isEmpty() || !Nd4j.getEnvironment().isCPU()) {
            return;
        }
        long elements = 1;
        for (int d = 0; d < tensor.rank(); d++) {
            elements += (tensor.size(d) - 1) * tensor.stride(d);
        }
        long start = tensor.data().addressPointer().address();
        long end = start + elements * tensor.data().getElementSize();
        Map.Entry<Long, Long> below = endByStart.lowerEntry(end);
        if (below != null && below.getValue() > start) {
            throw notExclusive("two models over the same memory for parameters");
        }
        endByStart.put(start, end);
    }

    private static IllegalStateException notExclusive(String returned) {
        return new IllegalStateException("the factory of a ModelPool must make a model of its own on every call, but it"
                + " returned " + returned + ": trained on two threads, each would change the other; build the network,"
                + " its configuration and its arrays inside the factory");
    }
}
