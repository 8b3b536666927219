package org.fl4j.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.fl4j.CorruptDataException;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What every codec promises. */
class CodecContractTest {

    private static final int[] LENGTHS = {
        1, 2, 3, 5, 8, 9, 31, 32, 33, 64, 65, 255, 256, 257, 1023, 4095, 4096, 4097, 10_001
    };

    static final List<Codec> CODECS = List.of(
            Codec.none(),
            Codec.fp16(),
            Codec.sign(),
            Codec.topK(0.01),
            Codec.topK(0.3),
            Codec.topK(1),
            Codec.randomK(0.05),
            Codec.randomK(1),
            Codec.qsgd(1),
            Codec.qsgd(7),
            Codec.qsgd(32_767, 100),
            Codec.qsgd(4, Integer.MAX_VALUE),
            Codec.eden(1),
            Codec.eden(2),
            Codec.eden(3),
            Codec.eden(4));

    @ParameterizedTest
    @FieldSource("CODECS")
    void sameVectorAndSeedGiveTheSameBytesOfTheAnnouncedLength(Codec codec) {
        Codec other = Codec.of(codec.spec());
        for (int n : LENGTHS) {
            float[] x = Vectors.gaussian(n, n);
            float[] before = x.clone();
            byte[] payload = codec.encode(x, 42);
            assertArrayEquals(before, x);
            assertEquals(codec.payloadLength(n), payload.length, "n = " + n);
            assertArrayEquals(payload, other.encode(x, 42));
            byte[] bytes = payload.clone();
            float[] decoded = codec.decode(payload, n, 42);
            assertArrayEquals(bytes, payload);
            assertEquals(n, decoded.length);
            assertArrayEquals(decoded, other.decode(payload, n, 42));
            assertTrue(allFinite(decoded));
        }
    }

    @ParameterizedTest
    @FieldSource("CODECS")
    void zerosStayZeros(Codec codec) {
        for (int n : LENGTHS) {
            float[] decoded = codec.decode(codec.encode(new float[n], 1), n, 1);
            for (float value : decoded) {
                assertEquals(0, value, 0f);
            }
        }
    }

    /** Each block and bucket after another of another magnitude, the tiniest and the hugest that there are. */
    @ParameterizedTest
    @FieldSource("CODECS")
    void anyMagnitudeIsDecodedFinite(Codec codec) {
        for (int n : LENGTHS) {
            for (float magnitude : new float[] {Float.MIN_VALUE, 1e-40f, 1e-25f, 1e25f, 3e38f, Float.MAX_VALUE}) {
                float[] alike = new float[n];
                float[] mixed = new float[n];
                float[] single = new float[n];
                for (int i = 0; i < n; i++) {
                    alike[i] = magnitude;
                    mixed[i] = i % 3 == 0 ? -magnitude : i % 5 == 0 ? 0 : magnitude / (1 + i % 7);
                }
                single[n / 2] = -magnitude;
                for (float[] x : List.of(alike, mixed, single)) {
                    float[] decoded = codec.decode(codec.encode(x, 9), n, 9);
                    assertTrue(allFinite(decoded), "n = " + n + ", magnitude = " + magnitude);
                }
                if (magnitude == 3e38f && codec.spec().name().equals("eden")) {
                    assertEquals(
                            1,
                            Vectors.inner(codec.decode(codec.encode(mixed, 9), n, 9), mixed)
                                    / Vectors.inner(mixed, mixed),
                            0.2);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CODECS")
    void whatIsNotFiniteIsNotEncoded(Codec codec) {
        for (int n : LENGTHS) {
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                float[] x = Vectors.gaussian(n, n);
                x[n - 1] = bad;
                assertEquals(
                        "an encoded vector must be finite, but coordinate " + (n - 1) + " of " + n + " is " + bad
                                + "; did the client's training diverge?",
                        assertThrows(IllegalArgumentException.class, () -> codec.encode(x, 1))
                                .getMessage());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> codec.encode(new float[0], 1));
        assertThrows(IllegalArgumentException.class, () -> codec.decode(new byte[0], 0, 1));
        assertThrows(IllegalArgumentException.class, () -> codec.payloadLength(-1));
    }

    @ParameterizedTest
    @FieldSource("CODECS")
    void aPayloadOfAnotherLengthIsCorrupt(Codec codec) {
        for (int n : new int[] {1, 33, 4097}) {
            byte[] payload = codec.encode(Vectors.gaussian(n, n), 1);
            for (int length : new int[] {0, payload.length - 1, payload.length + 1}) {
                assertEquals(
                        "a payload of " + codec.spec() + " for " + n + " coordinates is damaged: it has " + length
                                + " bytes and not " + payload.length,
                        assertThrows(
                                        CorruptDataException.class,
                                        () -> codec.decode(Arrays.copyOf(payload, length), n, 1))
                                .getMessage());
            }
        }
    }

    /** Flipped bits, random bytes, and bytes that are all ones (NaN) or all zeros. */
    @ParameterizedTest
    @FieldSource("CODECS")
    void damagedPayloadsAreCorruptOrFinite(Codec codec) {
        DeterministicRandom random = new DeterministicRandom(3);
        for (int trial = 0; trial < 4_000; trial++) {
            int n = 1 + random.nextInt(trial % 100 == 0 ? 9_000 : 80);
            byte[] payload = codec.encode(Vectors.gaussian(n, trial), trial);
            switch (trial % 4) {
                case 0 -> payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> {
                    for (int i = random.nextInt(payload.length); i < payload.length; i++) {
                        payload[i] = (byte) random.nextLong();
                    }
                }
                case 2 -> Arrays.fill(payload, (byte) 0xFF);
                default -> Arrays.fill(payload, (byte) 0);
            }
            try {
                assertTrue(allFinite(codec.decode(payload, n, trial)));
            } catch (CorruptDataException e) {
                assertTrue(e.getMessage()
                        .startsWith("a payload of " + codec.spec() + " for " + n + " coordinates is damaged: "));
            }
        }
    }

    /** The bytes are a format: those of these codecs, for a Gaussian vector of 5,000 and seed 7, stay these. */
    @Test
    void payloadsAndWhatTheyDecodeToStayTheSame() {
        float[] x = Vectors.gaussian(5_000, 1);
        Map<Codec, String> recorded = new LinkedHashMap<>();
        recorded.put(Codec.fp16(), "987acbf8 93fe4874");
        recorded.put(Codec.sign(), "a6fdce22 6258ed57");
        recorded.put(Codec.topK(0.1), "bc92d091 db36d002");
        recorded.put(Codec.randomK(0.1), "59237a1d 373f365c");
        recorded.put(Codec.qsgd(7), "b6ec7609 58c24fff");
        recorded.put(Codec.eden(1), "7801fb68 cc9f41cd");
        recorded.put(Codec.eden(4), "857e2e3b 8189472f");
        recorded.forEach((codec, expected) -> {
            byte[] payload = codec.encode(x, 7);
            byte[] decoded = Codec.none().encode(codec.decode(payload, x.length, 7), 0);
            assertEquals(
                    expected, crc(payload) + " " + crc(decoded), codec.spec().toString());
        });
    }

    private static String crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Long.toHexString(crc.getValue());
    }

    private static boolean allFinite(float[] x) {
        for (float value : x) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
