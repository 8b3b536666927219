package org.fl4j.aggregation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.fl4j.binary.BinaryReader;
import org.fl4j.binary.BinaryWriter;
import org.fl4j.binary.ComponentState;
import org.fl4j.binary.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A round as it crosses a wire to a client's half of a secure rule. */
class RoundContextTest {

    static Stream<SamplingScheme> schemes() {
        return Stream.of(
                new SamplingScheme.EveryClient(),
                new SamplingScheme.FixedSize(12),
                new SamplingScheme.Poisson(0.25, SamplingScheme.Source.SEEDED),
                new SamplingScheme.Poisson(1, SamplingScheme.Source.CRYPTOGRAPHIC),
                new SamplingScheme.Other("by battery level"));
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void comesBackFromItsBytes(SamplingScheme scheme) {
        RoundContext context = with(scheme);

        RoundContext back = RoundContext.fromBytes(context.toBytes());

        assertEquals(context, back);
        assertArrayEquals(context.toBytes(), back.toBytes());
    }

    @ParameterizedTest
    @EnumSource
    void whoKnowsTheCohortComesBackToo(CohortVisibility cohort) {
        RoundContext context = with(new SamplingScheme.EveryClient()).withCohort(cohort);

        assertEquals(context, RoundContext.fromBytes(context.toBytes()));
        assertEquals(cohort, context.withState(ComponentState.EMPTY).cohort());
        assertEquals(cohort == CohortVisibility.SERVER_ONLY ? CohortVisibility.MEMBERS : cohort, cohort.underMasks());
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void everyTruncationAndEveryAlteredByteIsDetected(SamplingScheme scheme) {
        byte[] whole = with(scheme).toBytes();
        for (int at = 0; at < whole.length; at++) {
            byte[] truncated = Arrays.copyOf(whole, at);
            assertThrows(CorruptDataException.class, () -> RoundContext.fromBytes(truncated));
            for (int change : new int[] {0x01, 0x20, 0x80, 0xFF}) {
                byte[] altered = whole.clone();
                altered[at] = (byte) (altered[at] ^ change);
                assertThrows(CorruptDataException.class, () -> RoundContext.fromBytes(altered));
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
                "every-client fixed-size poisson poisson other",
                String.join(" ", schemes().map(RoundContextTest::nameOf).toList()));
    }

    private static String nameOf(SamplingScheme scheme) {
        byte[] bytes = BinaryWriter.toBytes("scheme", 1, scheme::writeTo);
        // Behind the magic number, the kind, and the version: the name's length, then the name.
        int at = 4 + 4 + "scheme".length() + 4;
        return new String(bytes, at + 4, bytes[at + 3], StandardCharsets.UTF_8);
    }

    private static RoundContext with(SamplingScheme scheme) {
        return new RoundContext(
                9,
                Updates.layout(3),
                1L << 40,
                scheme,
                ComponentState.of("rule", 2).with("bound", 0.5),
                -1);
    }
}
