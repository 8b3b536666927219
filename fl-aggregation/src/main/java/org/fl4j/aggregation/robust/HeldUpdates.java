package org.fl4j.aggregation.robust;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** A round's updates in the order of the cohort. Adding and closing are for one thread, reading for any. */
final class HeldUpdates {

    private final ParameterLayout layout;
    private final HeldDeltas deltas;
    private final List<UpdateHeader> headers = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();

    HeldUpdates(UpdateStorage storage, ParameterLayout layout) {
        this.layout = layout;
        this.deltas = HeldDeltas.in(storage, layout);
    }

    void add(int position, ClientUpdate update) {
        deltas.add(update.delta());
        headers.add(UpdateHeader.of(update));
        positions.add(position);
    }

    int size() {
        return headers.size();
    }

    ParameterLayout layout() {
        return layout;
    }

    /** The client's position in the cohort. */
    int position(int index) {
        return positions.get(index);
    }

    UpdateHeader header(int index) {
        return headers.get(index);
    }

    ModelDelta delta(int index) {
        return deltas.get(index);
    }

    /** {@code into[at + i]} becomes coordinate {@code from + i} of one update's delta, for n coordinates. */
    void copyTo(int index, int from, int n, double[] into, int at) {
        deltas.copyTo(index, from, n, into, at);
    }

    void close() {
        deltas.close();
    }
}
