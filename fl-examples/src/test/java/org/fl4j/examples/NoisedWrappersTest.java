package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.robust.NormBounding;
import org.fl4j.compression.LinearCodec;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Whatever is wrapped around a noised rule, its noise is added once, to a sum in the clear and to one under masks. */
class NoisedWrappersTest {

    private static final int LENGTH = 1 << 14;
    private static final double SIGMA = 3;
    private static final RoundContext CONTEXT = new RoundContext(
            1,
            new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("w", LENGTH))),
            1,
            new SamplingScheme.EveryClient(),
            ComponentState.EMPTY,
            1);

    static Stream<LinearAggregator> wrapped() {
        LinearAggregator noised = GaussianMechanism.on(ClippedMean.fixed(1), SIGMA);
        return Stream.of(
                noised,
                FedProx.on(noised, 0.1),
                NormBounding.on(noised, 5),
                FedProx.on(NormBounding.on(noised, 5), 0.1),
                GaussianMechanism.on(FedProx.on(ClippedMean.fixed(1), 0.1), SIGMA),
                Sketched.on(noised, LinearCodec.randomK(0.5)),
                GaussianMechanism.on(Sketched.on(ClippedMean.fixed(1), LinearCodec.rotation()), SIGMA));
    }

    /**
     * The empirical deviation of 2^14 values is off by 5 %, nine of its own deviations, with probability below 1e-18; of half as
     * many, of a sketch, below 2e-10.
     */
    @ParameterizedTest
    @MethodSource("wrapped")
    void theNoiseIsAddedOnce(LinearAggregator rule) {
        List<Segment> segments = rule.begin(CONTEXT).segments();
        assertEquals(SIGMA, segments.get(0).noise(), 1e-6);

        try (Aggregation clear = rule.begin(CONTEXT).aggregation()) {
            assertEquals(SIGMA, deviation(clear.finish().aggregate()), 0.05 * SIGMA);
        }
        Summand masked = Summand.modulo(
                segments,
                Collections.nCopies(1, 27),
                new double[(int) segments.get(0).length()]);
        assertEquals(SIGMA, deviation(rule.begin(CONTEXT).decode(masked).aggregate()), 0.05 * SIGMA);
    }

    private static double deviation(ModelDelta released) {
        double squares = 0;
        for (int i = 0; i < LENGTH; i++) {
            squares += released.get(i) * released.get(i);
        }
        return Math.sqrt(squares / LENGTH);
    }
}
