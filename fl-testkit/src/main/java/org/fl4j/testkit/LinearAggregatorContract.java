package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link LinearAggregator} promises, and every {@link BoundedAggregator} beyond that. Extend it in a test of
 * a rule of your own; override what does not suit it.
 */
public abstract class LinearAggregatorContract {

    private static final int CLIENTS = 40;

    /** For a subclass. */
    protected LinearAggregatorContract() {}

    /**
     * A rule to test.
     *
     * @return the rule
     */
    protected abstract LinearAggregator newRule();

    /**
     * The layout of the updates.
     *
     * @return seven coordinates of dtype DOUBLE unless overridden
     */
    protected ParameterLayout layout() {
        return Fixtures.layout(7);
    }

    /**
     * The round.
     *
     * @return a first round of 1,000 clients unless overridden
     */
    protected RoundContext context() {
        return Fixtures.context(layout());
    }

    /**
     * The update of one client.
     *
     * @param client its number
     * @return always the same update, unlike every other; standard normal coordinates and 1 to 1,000 examples unless
     *     overridden
     */
    protected ClientUpdate update(int client) {
        return Fixtures.randomUpdate(20_240_502, client, layout(), newRule().objective());
    }

    /**
     * Whether the rule is a mean, so that clients of one opinion get their way.
     *
     * @return true unless overridden
     */
    protected boolean isMean() {
        return true;
    }

    /**
     * How far rounding may move a coordinate of the aggregate.
     *
     * @return 1e-12 unless overridden, such as by a grid step
     */
    protected double rounding() {
        return 1e-12;
    }

    @Test
    void theSegmentsAreTheSameWheneverAsked() {
        LinearAggregator rule = newRule();

        assertEquals(rule.begin(context()).segments(), rule.begin(context()).segments());
        assertEquals(
                rule.begin(context()).segments(),
                Summand.zero(rule.begin(context()).segments()).segments(),
                "and they make a sum");
    }

    @Test
    void aParticipantEncodesAsTheServerDoes() {
        LinearRound server = newRule().begin(context());
        RoundContext.PublicPart sent = RoundContext.PublicPart.fromBytes(
                context().shared(server.publicState()).toBytes());
        LinearAggregator there = newRule();
        LinearRound participant = there.begin(RoundContext.ofParticipant("a participant", there, sent));

        assertEquals(server.segments(), participant.segments());
        for (int i = 0; i < CLIENTS; i++) {
            assertEquals(encoded(server.encoder(), update(i)), encoded(participant.encoder(), update(i)));
        }
    }

    @Test
    void aContributionDoesNotDependOnWhatWasEncodedBefore() {
        LinearAggregator rule = newRule();
        UpdateEncoder used = rule.begin(context()).encoder();
        List<Summand> forwards = IntStream.range(0, CLIENTS)
                .mapToObj(i -> encoded(used, update(i)))
                .toList();
        for (int i = CLIENTS - 1; i >= 0; i--) {
            assertEquals(forwards.get(i), encoded(used, update(i)));
            assertEquals(forwards.get(i), encoded(rule.begin(context()).encoder(), update(i)));
        }
    }

    @Test
    void theSumOfContributionsIsWhatEncodingOneByOneGives() {
        UpdateEncoder encoder = newRule().begin(context()).encoder();
        Summand oneByOne = zero();
        Summand ofContributions = zero();
        for (int i = 0; i < CLIENTS; i++) {
            encoder.encode(update(i)).addTo(oneByOne);
            ofContributions.add(encoded(encoder, update(i)));
        }

        double[] expected = oneByOne.toArray();
        double[] actual = ofContributions.toArray();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-12 * Math.max(1, Math.abs(expected[i])));
        }
    }

    /** Every fifth client and the whole of the third block are missing. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 255, 256, 257, 300})
    void blocksSummedElsewhereGiveTheSameBits(int clients) {
        LinearAggregator rule = newRule();
        LinearAggregation oneByOne = rule.begin(context()).aggregation();
        LinearAggregation byBlocks = rule.begin(context()).aggregation();
        UpdateEncoder encoder = rule.begin(context()).encoder();
        Summand block = byBlocks.emptyBlock();
        boolean empty = true;
        for (int position = 0; position < clients; position++) {
            if (position % 5 != 4 && position / 16 != 2) {
                oneByOne.add(position, update(position));
                encoder.encode(update(position)).addTo(block);
                empty = false;
            }
            if (position % 16 == 15 || position == clients - 1) {
                if (!empty) {
                    byBlocks.addBlock(position / 16, block);
                }
                block = byBlocks.emptyBlock();
                empty = true;
            }
        }

        assertEquals(oneByOne.finish(), byBlocks.finish());
    }

    @Test
    void clientsOfOneOpinionGetTheirWay() {
        assumeTrue(isMean());
        ModelDelta opinion = update(0).delta();
        LinearAggregation aggregation = newRule().begin(context()).aggregation();
        for (int i = 0; i < CLIENTS; i++) {
            ClientUpdate update = update(i);
            aggregation.add(i, with(update, opinion, update.numExamples()));
        }

        assertClose(opinion, aggregation.finish().aggregate());
    }

    @Test
    void theOrderOfTheCohortDoesNotMatter() {
        LinearAggregation inOrder = newRule().begin(context()).aggregation();
        LinearAggregation shuffled = newRule().begin(context()).aggregation();
        int[] order = new DeterministicRandom(5).permutation(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            inOrder.add(i, update(i));
            shuffled.add(i, update(order[i]));
        }

        assertClose(inOrder.finish().aggregate(), shuffled.finish().aggregate());
    }

    @Test
    void noCoordinateIsBeyondItsSegmentsBoundOrOffItsGrid() {
        UpdateEncoder encoder = newRule().begin(context()).encoder();
        for (ClientUpdate update : withExtremes()) {
            Summand encoded = encoded(encoder, update);
            for (Segment segment : encoded.segments()) {
                double grid = segment.grid().orElse(1);
                for (int i = 0; i < segment.length(); i++) {
                    double value = encoded.get(segment.name(), i);
                    assertTrue(Math.abs(value) * grid <= segment.maxAbs(), () -> segment + ": " + value * grid);
                    assertTrue(
                            segment.grid().isEmpty() || value == Math.rint(value),
                            () -> segment + ": " + value + " is not a whole number of steps");
                }
            }
        }
    }

    @Test
    void decodingIsAFunctionOfTheSum() {
        LinearAggregator rule = newRule();
        Summand total = zero();
        for (int i = 0; i < CLIENTS; i++) {
            rule.begin(context()).encoder().encode(update(i)).addTo(total);
        }
        double[] before = total.toArray();

        Aggregation.Result result = rule.begin(context()).decode(total);

        assertEquals(result, rule.begin(context()).decode(total));
        assertArrayEquals(before, total.toArray());
        assertEquals(layout(), result.aggregate().layout());
    }

    @Test
    void noClientMovesTheSumFurtherThanTheSensitivity() {
        assumeTrue(newRule() instanceof BoundedAggregator);
        BoundedAggregator rule = (BoundedAggregator) newRule();
        BoundedRound.Sensitivity sensitivity = rule.begin(context()).sensitivity();
        for (ClientUpdate update : withExtremes()) {
            Summand encoded = encoded(rule.begin(context()).encoder(), update);
            for (Segment segment : encoded.segments()) {
                double squares = 0;
                for (int i = 0; i < segment.length(); i++) {
                    squares += encoded.get(segment.name(), i) * encoded.get(segment.name(), i);
                }
                double norm = Math.sqrt(squares) * segment.grid().orElseThrow();
                assertTrue(norm <= sensitivity.l2().get(segment.name()), () -> segment + ": norm " + norm);
            }
        }
    }

    /** Every size of update that passes the server's checks, many of them just at a bound, and every count of examples. */
    private List<ClientUpdate> withExtremes() {
        List<ClientUpdate> updates = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            ClientUpdate honest = update(i);
            updates.add(honest);
            for (double size : new double[] {0, 1e-300, 1e-9, 0.1, 1, 10, 1e9, 1e150, 1e300}) {
                updates.add(with(honest, honest.delta().times(size), i % 2 == 0 ? 1 : Long.MAX_VALUE));
                double[] spike = new double[layout().length()];
                spike[i % spike.length] = i % 2 == 0 ? size : -size;
                updates.add(with(honest, ModelDelta.of(layout(), spike), 1));
            }
        }
        updates.removeIf(update -> !update.delta().isFinite()
                || newRule().begin(context()).aggregation().refusal(update).isPresent());
        return updates;
    }

    private Summand zero() {
        return Summand.zero(newRule().begin(context()).segments());
    }

    private Summand encoded(UpdateEncoder encoder, ClientUpdate update) {
        Summand into = zero();
        encoder.encode(update).addTo(into);
        return into;
    }

    private void assertClose(ModelDelta expected, ModelDelta actual) {
        for (int i = 0; i < expected.layout().length(); i++) {
            assertEquals(expected.get(i), actual.get(i), rounding());
        }
    }

    private static ClientUpdate with(ClientUpdate update, ModelDelta delta, long numExamples) {
        ClientId client = update.client();
        return new ClientUpdate(
                client,
                update.round(),
                update.token(),
                delta,
                numExamples,
                update.vectors(),
                update.scalars(),
                update.objective());
    }
}
