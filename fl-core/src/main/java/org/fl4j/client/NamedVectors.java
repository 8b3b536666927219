package org.fl4j.client;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** The binary form of named vectors, in ascending order of names. */
final class NamedVectors {

    private NamedVectors() {}

    static void write(BinaryWriter out, Map<String, ModelDelta> vectors) {
        out.writeInt(vectors.size());
        new TreeMap<>(vectors).forEach((name, vector) -> {
            out.writeString(name);
            vector.layout().writeTo(out);
            vector.writeTo(out);
        });
    }

    static SortedMap<String, ModelDelta> read(BinaryReader in) {
        SortedMap<String, ModelDelta> vectors = new TreeMap<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            vectors.put(in.readString(), ModelDelta.readFrom(in, ParameterLayout.readFrom(in)));
        }
        return vectors;
    }
}
