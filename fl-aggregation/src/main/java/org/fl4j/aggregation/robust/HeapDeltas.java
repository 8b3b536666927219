package org.fl4j.aggregation.robust;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.weights.ModelDelta;

/** Deltas on the heap. */
final class HeapDeltas implements HeldDeltas {

    private final List<ModelDelta> deltas = new ArrayList<>();

    @Override
    public void add(ModelDelta delta) {
        deltas.add(delta);
    }

    @Override
    public ModelDelta get(int index) {
        return deltas.get(index);
    }

    @Override
    public void copyTo(int index, int from, int n, double[] into, int at) {
        deltas.get(index).copyTo(from, n, into, at);
    }

    @Override
    public void close() {
        deltas.clear();
    }
}
