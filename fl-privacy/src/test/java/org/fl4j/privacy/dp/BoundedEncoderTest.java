package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A rule is taken at its word for its sensitivity; whatever its encoder makes, a client moves the sum by no more. */
class BoundedEncoderTest {

    private static final RoundContext CONTEXT = Releases.context(2, 2);

    /** Sensitivity 2.5 in steps of a half: a norm of 5. */
    private static final double[] LONGEST = {3, -4};

    private static final String UNBOUNDED =
            "segment 'delta': the encoder of Sends does not keep to whole grid steps within the sensitivity that the rule"
                    + " declares; contributions that do not are left out";

    @Test
    void addsAContributionWithinItsBoundUnchanged() {
        assertEquals(List.of(6.0, -8.0), sum(LONGEST, LONGEST));
    }

    /** The encoder within knows best how: of the damped delta this one sends the second. */
    @Test
    void passesTheDampingOn() {
        LinearRound round = GaussianMechanism.on(sending(LONGEST, new double[] {1, 2}, LONGEST), 0)
                .begin(CONTEXT);
        Summand sum = Summand.zero(round.segments());
        round.encoder()
                .encode(Fixtures.update(0, ModelDelta.of(CONTEXT.layout(), 2, 0)), 0.5)
                .addTo(sum);

        assertEquals(1, sum.get(Segment.DELTA, 0));
        assertEquals(2, sum.get(Segment.DELTA, 1));
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {0.5, 4 + 1e-9, 5, -5, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void leavesOutAContributionBeyondItsBound(double second) {
        double[] wrong = {3, second};
        assertEquals(List.of(UNBOUNDED), logged(() -> assertEquals(List.of(3.0, -4.0), sum(wrong, LONGEST, wrong))));
    }

    /** An exception would end the run by one client's data, and tell them in its message. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesOutAContributionIfTheEncoderThrows(boolean whileAdding) {
        Sends rule = new Sends(List.of(LONGEST, LONGEST, LONGEST), sound -> update -> {
            boolean fails = update.delta().get(0) == 1;
            if (fails && !whileAdding) {
                throw new ArithmeticException("of client-1: 7 / 0");
            }
            return sum -> {
                sum.add(Segment.DELTA, 0, 1);
                if (fails) {
                    throw new ArithmeticException("of client-1: 7 / 0");
                }
                sum.add(Segment.DELTA, 0, -1);
                sound.encode(update).addTo(sum);
            };
        });
        assertEquals(
                List.of("java.lang.ArithmeticException: the encoder of Sends throws; contributions on which it does are"
                        + " left out"),
                logged(() -> assertEquals(List.of(6.0, -8.0), sum(rule))));
    }

    @Test
    void rethrowsAnErrorOfTheJvm() {
        Sends rule = new Sends(List.of(LONGEST), sound -> update -> {
            throw new OutOfMemoryError();
        });
        assertThrows(OutOfMemoryError.class, () -> sum(rule));
    }

    /** One line a client, under masks where each makes its own encoder, would count them. */
    @Test
    void logsOnceForAllClientsAndRounds() {
        GaussianMechanism mechanism = GaussianMechanism.on(sending(LONGEST, new double[] {9, 9}), 0);
        List<String> lines = logged(() -> {
            for (int client = 0; client < 6; client++) {
                GaussianMechanism copy = mechanism.within(PrivacyTarget.pure(1).withPrivacyDelta(1e-6));
                copy.begin(CONTEXT).encoder().encode(Fixtures.update(client, ModelDelta.of(CONTEXT.layout(), 1, 0)));
            }
        });

        assertEquals(List.of(UNBOUNDED), lines);
    }

    /** One client's contribution in the clear. */
    @Test
    void erasesWhatItChecked() {
        List<Summand> seen = new ArrayList<>();
        Sends rule = new Sends(
                List.of(LONGEST, new double[] {9, 9}),
                sound -> update -> sum -> {
                    sound.encode(update).addTo(sum);
                    seen.add(sum);
                });
        logged(() -> assertEquals(List.of(3.0, -4.0), sum(rule)));

        // Each update is encoded for its refusal and for the sum.
        assertEquals(4, seen.size());
        seen.forEach(summand -> assertArrayEquals(new double[2], summand.toArray()));
    }

    private static List<String> logged(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(BoundedEncoder.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.setAdditive(false);
        logger.addAppender(events);
        try {
            work.run();
        } finally {
            logger.detachAppender(events);
            logger.setAdditive(true);
        }
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static List<Double> sum(double[]... contributions) {
        return sum(sending(contributions));
    }

    private static Sends sending(double[]... contributions) {
        return new Sends(List.of(contributions), encoder -> encoder);
    }

    private static List<Double> sum(Sends rule) {
        try (Aggregation aggregation =
                GaussianMechanism.on(rule, 0).begin(CONTEXT).aggregation()) {
            for (int i = 0; i < rule.contributions.size(); i++) {
                ClientUpdate update = Fixtures.update(i, ModelDelta.of(CONTEXT.layout(), i, 0));
                assertEquals(Optional.empty(), aggregation.refusal(update));
                aggregation.add(i, update);
            }
            ModelDelta sum = aggregation.finish().aggregate();
            return DoubleStream.of(sum.get(0), sum.get(1)).boxed().toList();
        }
    }

    /** A rule from elsewhere: client i contributes the i-th. */
    private record Sends(List<double[]> contributions, UnaryOperator<UpdateEncoder> change)
            implements BoundedAggregator {

        @Override
        public BoundedRound begin(RoundContext context) {
            return BoundedRound.of(
                    List.of(new Segment(Segment.DELTA, 2, 2.5, OptionalDouble.of(0.5))),
                    new BoundedRound.Sensitivity(Map.of(Segment.DELTA, 2.5)),
                    change.apply(update -> sum -> sum.add(Segment.DELTA, contributions.get((int)
                            update.delta().get(0)))),
                    total -> Aggregation.Result.of(ModelDelta.of(context.layout(), total.toArray())));
        }

        @Override
        public String toString() {
            return "Sends";
        }
    }
}
