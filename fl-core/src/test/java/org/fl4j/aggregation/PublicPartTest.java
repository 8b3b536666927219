package org.fl4j.aggregation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.CorruptDataException;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.random.Seeds;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.TestMean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The public part of a round, as it is sent to the participants of a secure sum. */
class PublicPartTest {

    private static final LinearAggregator RULE = new TestMean();

    static Stream<SamplingScheme> schemes() {
        return Stream.of(
                new SamplingScheme.EveryClient(),
                new SamplingScheme.FixedSize(12),
                new SamplingScheme.Poisson(0.25, SamplingScheme.Source.SEEDED),
                new SamplingScheme.Poisson(1, SamplingScheme.Source.CRYPTOGRAPHIC),
                new SamplingScheme.Separated(12),
                new SamplingScheme.Other("by battery level"));
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void comesBackFromItsBytes(SamplingScheme scheme) {
        RoundContext.PublicPart context = with(scheme);

        RoundContext.PublicPart back = RoundContext.PublicPart.fromBytes(context.toBytes());

        assertEquals(context, back);
        assertArrayEquals(context.toBytes(), back.toBytes());
    }

    @Test
    void whatTheRuleDoesNotPublishIsNotKnownToAParticipant() {
        RoundContext server = new RoundContext(
                9, Fixtures.layout(3), 40, new SamplingScheme.EveryClient(), ComponentState.of("rule", 2), 123);
        RoundContext.PublicPart sent = RoundContext.PublicPart.fromBytes(
                server.shared(Optional.empty()).toBytes());
        RoundContext participant = RoundContext.ofParticipant("client 'a'", RULE, sent);

        assertEquals(server.encodingSeed(), participant.encodingSeed());
        assertEquals(server.layout(), participant.layout());
        assertEquals(
                "client 'a', round 9: TestMean reads the server's state for its segments or encoder, but a participant"
                        + " does not know it; override publicState in its LinearRound",
                assertThrows(IllegalStateException.class, participant::state).getMessage());
        assertEquals(
                "client 'a', round 9: TestMean reads the server's seed for its segments or encoder, but a participant"
                        + " does not know it; use encodingSeed",
                assertThrows(IllegalStateException.class, participant::seed).getMessage());
        assertEquals(
                "client 'a', round 9: TestMean reads the server's cohort for its segments or encoder, but a participant"
                        + " does not know it; read it in taskVectors or decode",
                assertThrows(IllegalStateException.class, participant::cohort).getMessage());
        ComponentState published = ComponentState.of("rule", 2).with("clip", 0.5);
        assertEquals(
                published,
                RoundContext.ofParticipant("client 'a'", RULE, server.shared(Optional.of(published)))
                        .state());
    }

    @Test
    void theSeedForEncodingTellsNothingOfTheRules() {
        RoundContext server = new RoundContext(
                9, Fixtures.layout(3), 40, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 123);

        assertNotEquals(server.seed(), server.encodingSeed());
        assertEquals(Seeds.derive(123, "encoding"), server.encodingSeed());
    }

    @ParameterizedTest
    @EnumSource
    void underMasksNoCohortIsTheServersAlone(RoundContext.CohortVisibility cohort) {
        assertEquals(
                cohort == RoundContext.CohortVisibility.SERVER_ONLY ? RoundContext.CohortVisibility.MEMBERS : cohort,
                cohort.underMasks());
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void everyTruncationAndEveryAlteredByteIsDetected(SamplingScheme scheme) {
        byte[] whole = with(scheme).toBytes();
        for (int at = 0; at < whole.length; at++) {
            byte[] truncated = Arrays.copyOf(whole, at);
            assertThrows(CorruptDataException.class, () -> RoundContext.PublicPart.fromBytes(truncated));
            for (int change : new int[] {0x01, 0x20, 0x80, 0xFF}) {
                byte[] altered = whole.clone();
                altered[at] = (byte) (altered[at] ^ change);
                assertThrows(CorruptDataException.class, () -> RoundContext.PublicPart.fromBytes(altered));
            }
        }
    }

    @Test
    void aSchemeThatThisLibraryDoesNotKnowIsRefusedByItsName() {
        byte[] bytes = BinaryWriter.toBytes("scheme", 1, out -> out.writeString("by-moonlight"));

        assertEquals(
                "scheme of 38 bytes is damaged or not of this library: no sampling scheme is named 'by-moonlight'",
                assertThrows(
                                CorruptDataException.class,
                                () -> BinaryReader.fromBytes(bytes, "scheme", 1, SamplingScheme::readFrom))
                        .getMessage());
    }

    /** The names are part of the form: renaming a class must not change what another version of the library reads. */
    @Test
    void theNamesOfTheSchemesStay() {
        assertEquals(
                "every-client fixed-size poisson poisson separated other",
                String.join(" ", schemes().map(PublicPartTest::nameOf).toList()));
    }

    private static String nameOf(SamplingScheme scheme) {
        byte[] bytes = BinaryWriter.toBytes("scheme", 1, scheme::writeTo);
        // Behind the magic number, the kind, and the version: the name's length, then the name.
        int at = 4 + 4 + "scheme".length() + 4;
        return new String(bytes, at + 4, bytes[at + 3], StandardCharsets.UTF_8);
    }

    private static RoundContext.PublicPart with(SamplingScheme scheme) {
        return new RoundContext.PublicPart(
                9,
                5,
                Fixtures.layout(3),
                1L << 40,
                scheme,
                -1,
                Optional.of(ComponentState.of("rule", 2).with("bound", 0.5)));
    }
}
