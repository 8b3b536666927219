package org.fl4j.aggregation.robust;

import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** The deltas of a round in one place. Adding and closing are for one thread, reading for any. */
sealed interface HeldDeltas permits HeapDeltas, FileDeltas {

    static HeldDeltas in(UpdateStorage storage, ParameterLayout layout) {
        return storage instanceof FileStorage files ? new FileDeltas(files.directory(), layout) : new HeapDeltas();
    }

    void add(ModelDelta delta);

    ModelDelta get(int index);

    void copyTo(int index, int from, int n, double[] into, int at);

    /** Lets go of all of them; may be called again. */
    void close();
}
