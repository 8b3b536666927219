package org.fl4j.aggregation.robust;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** A round's updates in the order of the cohort. Adding and closing are for one thread, reading for any. */
final class HeldUpdates {

    private final ParameterLayout layout;
    private final Deltas deltas;
    private final List<Header> headers = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();

    HeldUpdates(UpdateStorage storage, ParameterLayout layout) {
        this.layout = layout;
        this.deltas = storage.open(layout);
    }

    void add(int position, ClientUpdate update) {
        deltas.add(update.delta());
        headers.add(Header.of(update));
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

    Header header(int index) {
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

    /** An update's values besides its delta. */
    record Header(
            ClientId client,
            int round,
            long token,
            long numExamples,
            Map<String, ModelDelta> vectors,
            Map<String, Double> scalars,
            ObjectiveSpec objective) {

        static Header of(ClientUpdate update) {
            return new Header(
                    update.client(),
                    update.round(),
                    update.token(),
                    update.numExamples(),
                    update.vectors(),
                    update.scalars(),
                    update.objective());
        }

        ClientUpdate with(ModelDelta delta) {
            return new ClientUpdate(client, round, token, delta, numExamples, vectors, scalars, objective);
        }
    }

    /** The deltas of a round in one place, under the thread rule of the updates. */
    interface Deltas {

        void add(ModelDelta delta);

        ModelDelta get(int index);

        void copyTo(int index, int from, int n, double[] into, int at);

        /** Releases all of them; may be called again. */
        void close();
    }

    /** Deltas in memory. */
    static final class OnHeap implements Deltas {

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
}
