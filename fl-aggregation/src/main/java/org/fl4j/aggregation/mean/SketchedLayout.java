package org.fl4j.aggregation.mean;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.compression.LinearCodec;
import org.fl4j.compression.Sketch;
import org.fl4j.random.Seeds;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * Deltas of a layout and their sketches: TRAINABLE coordinates, one after another, through the map of the round, and behind
 * them STATISTIC ones as they are.
 *
 * @param full of the model
 * @param sketched what the wrapped rule sees
 * @param map of the TRAINABLE coordinates
 */
record SketchedLayout(ParameterLayout full, ParameterLayout sketched, Sketch map) {

    /** The one TRAINABLE parameter that the wrapped rule sees. */
    static final String SKETCH = "sketch";

    /** The one STATISTIC parameter that it sees, if the model has any. */
    static final String STATISTICS = "statistics";

    static SketchedLayout of(RoundContext context, LinearCodec codec, LinearAggregator rule) {
        ParameterLayout full = context.layout();
        int trainable = length(full.trainable());
        if (trainable == 0) {
            throw new IllegalArgumentException(
                    "Sketched on " + rule + ": there is no TRAINABLE parameter to sketch in " + full);
        }
        Sketch map = codec.at(Seeds.derive(context.encodingSeed(), "sketch"), trainable);
        List<ParameterSpec> specs = new ArrayList<>();
        specs.add(ParameterSpec.trainable(SKETCH, map.sketchLength()));
        int statistics = length(full.spans(ParameterSpec.Role.STATISTIC));
        if (statistics > 0) {
            specs.add(ParameterSpec.statistic(STATISTICS, statistics));
        }
        return new SketchedLayout(full, full.withSpecs(specs), map);
    }

    /** The sketch of a delta; not finite where the dtype does not hold it. */
    ModelDelta sketch(ModelDelta delta) {
        double[] values = new double[sketched.length()];
        double[] sketch = map.of(packed(delta, full.trainable()));
        System.arraycopy(sketch, 0, values, 0, sketch.length);
        double[] statistics = packed(delta, full.spans(ParameterSpec.Role.STATISTIC));
        System.arraycopy(statistics, 0, values, sketch.length, statistics.length);
        return ModelDelta.of(sketched, values);
    }

    /** What a sketch, or an aggregate of sketches, stands for. */
    ModelDelta decoded(ModelDelta aggregate) {
        double[] sketch = new double[map.sketchLength()];
        aggregate.copyTo(0, sketch.length, sketch, 0);
        double[] statistics = new double[sketched.length() - sketch.length];
        aggregate.copyTo(sketch.length, statistics.length, statistics, 0);
        double[] values = new double[full.length()];
        unpack(map.adjoint(sketch), full.trainable(), values);
        unpack(statistics, full.spans(ParameterSpec.Role.STATISTIC), values);
        return ModelDelta.of(full, values);
    }

    private static double[] packed(ModelDelta delta, List<ParameterLayout.Span> spans) {
        double[] packed = new double[length(spans)];
        int at = 0;
        for (ParameterLayout.Span span : spans) {
            delta.copyTo(span.from(), span.length(), packed, at);
            at += span.length();
        }
        return packed;
    }

    private static void unpack(double[] packed, List<ParameterLayout.Span> spans, double[] into) {
        int at = 0;
        for (ParameterLayout.Span span : spans) {
            System.arraycopy(packed, at, into, span.from(), span.length());
            at += span.length();
        }
    }

    private static int length(List<ParameterLayout.Span> spans) {
        return spans.stream().mapToInt(ParameterLayout.Span::length).sum();
    }
}
