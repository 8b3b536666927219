package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Sensitivity;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.model.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A rule is taken at its word for its sensitivity; whatever its encoder makes, a client moves the sum by no more. */
class BoundedEncoderTest {

    private static final RoundContext CONTEXT = Releases.context(2, 2);

    /** Sensitivity 2.5 in steps of a half: a norm of 5. */
    private static final double[] LONGEST = {3, -4};

    @Test
    void whatKeepsToItIsTakenAsItIs() {
        assertEquals(List.of(6.0, -8.0), sum(LONGEST, LONGEST));
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {0.5, 4 + 1e-9, 5, -5, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void whatDoesNotIsNoContribution(double second) {
        Logger logger = (Logger) LoggerFactory.getLogger(BoundedEncoder.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.setAdditive(false);
        logger.addAppender(events);
        try {
            double[] wrong = {3, second};
            assertEquals(List.of(3.0, -4.0), sum(wrong, LONGEST, wrong));
        } finally {
            logger.detachAppender(events);
            logger.setAdditive(true);
        }
        assertEquals(
                List.of(
                        "segment 'delta': the encoder of Sends does not keep to whole grid steps within the sensitivity that"
                                + " the rule declares; contributions that do not are left out"),
                events.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    private static List<Double> sum(double[]... contributions) {
        try (Aggregation aggregation =
                GaussianMechanism.on(new Sends(List.of(contributions)), 0).begin(CONTEXT)) {
            for (int i = 0; i < contributions.length; i++) {
                aggregation.add(i, Releases.update(i, ModelDelta.of(CONTEXT.layout(), i, 0)));
            }
            ModelDelta sum = aggregation.finish().aggregate();
            return DoubleStream.of(sum.get(0), sum.get(1)).boxed().toList();
        }
    }

    /** A rule from elsewhere: client i contributes the i-th. */
    private record Sends(List<double[]> contributions) implements BoundedAggregator {

        @Override
        public List<Segment> segments(RoundContext context) {
            return List.of(new Segment(Segment.DELTA, 2, 2.5, OptionalDouble.of(0.5)));
        }

        @Override
        public Sensitivity sensitivity(RoundContext context) {
            return new Sensitivity(Map.of(Segment.DELTA, 2.5));
        }

        @Override
        public UpdateEncoder encoder(RoundContext context) {
            return (update, into) -> into.add(
                    Segment.DELTA, contributions.get((int) update.delta().get(0)));
        }

        @Override
        public String toString() {
            return "Sends";
        }

        @Override
        public AggregationResult decode(Summand total, RoundContext context) {
            return AggregationResult.of(ModelDelta.of(context.layout(), total.toArray()));
        }
    }
}
