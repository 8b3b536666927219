package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlKem768Test {

    /**
     * Hashes over everything that so many key pairs, encapsulations, decapsulations and rejections come to, from a stream of SHAKE-128
     * of nothing: Go's standard library, crypto/mlkem, TestAccumulated (BSD licence), the method of C2SP's CCTV, "ML-KEM", README.md.
     */
    @ParameterizedTest(name = "{0} keys")
    @CsvSource({
        "100, 1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415",
        "10000, 8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc"
    })
    void accumulatedKnownAnswers(int keys, String expected) {
        Keccak in = Keccak.shake128();
        Keccak out = Keccak.shake128();
        for (int i = 0; i < keys; i++) {
            byte[] d = in.squeeze(32);
            byte[] z = in.squeeze(32);
            MlKem768.Keys pair = MlKem768.keys(d, z);
            MlKem768.Encapsulation made = MlKem768.encapsulate(pair.encapsulationKey(), in.squeeze(32));
            out.absorb(pair.encapsulationKey())
                    .absorb(made.ciphertext())
                    .absorb(made.secret())
                    .absorb(MlKem768.decapsulate(pair.decapsulationKey(), in.squeeze(MlKem768.CIPHERTEXT_BYTES)));
            if (i % 16 == 0) {
                assertArrayEquals(made.secret(), MlKem768.decapsulate(pair.decapsulationKey(), made.ciphertext()));
            }
        }
        assertEquals(expected, HexFormat.of().formatHex(out.squeeze(32)));
    }

    /**
     * A key whose matrix takes more blocks of SHAKE than one in 2^32 others: C2SP's CCTV, "ML-KEM", unluckysample/ML-KEM-768.txt (CC0). The
     * secret depends on the hash of the whole key.
     */
    @Test
    void aKeyWithManyRejectedSamples() {
        MlKem768.Keys pair = MlKem768.keys(
                hex("82c4a361586b9715c2375a45fb85c32d04be7fe6e26acd820ec5d4080093afe1"),
                hex("8476013560151d986dc7834dcb57c75f845f8d7ee71558d0955f3f4feb723cf2"));
        MlKem768.Encapsulation made = MlKem768.encapsulate(
                pair.encapsulationKey(), hex("e48f74ad416e99631003ded1478aec62a02c245d88ed7f2fae92aedf13ca03b3"));

        assertArrayEquals(hex("4f7cc64c040fc4e335a539691f4638caf8b1bf5da6455754afe699e41813801b"), made.secret());
        assertArrayEquals(
                hex("696ef1699d5ac2aa9a012a64c60c6c214dcedec75ff87fb3a5850044202a790b"),
                Arrays.copyOf(made.ciphertext(), 32));
        assertArrayEquals(made.secret(), MlKem768.decapsulate(pair.decapsulationKey(), made.ciphertext()));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** Any change makes another secret, which depends on the ciphertext and is the same each time. */
    @Test
    void anAlteredCiphertextIsRejectedWithoutAnError() {
        MlKem768.Keys pair = MlKem768.freshKeys(new SecureRandom());
        MlKem768.Encapsulation made = MlKem768.encapsulate(pair.encapsulationKey(), new SecureRandom());
        for (int at = 0; at < MlKem768.CIPHERTEXT_BYTES; at += 7) {
            byte[] altered = made.ciphertext().clone();
            altered[at] ^= (byte) (1 << (at % 8));
            byte[] rejected = MlKem768.decapsulate(pair.decapsulationKey(), altered);

            assertFalse(Arrays.equals(made.secret(), rejected));
            assertArrayEquals(rejected, MlKem768.decapsulate(pair.decapsulationKey(), altered));
        }
    }

    /** FIPS 203, section 7.2. */
    @Test
    void keysOfAPeerAreChecked() {
        byte[] key = MlKem768.freshKeys(new SecureRandom()).encapsulationKey();
        assertEquals(Optional.empty(), MlKem768.fault(key));
        assertEquals(
                Optional.of("an ML-KEM-768 key of 1183 bytes, but they have 1184"),
                MlKem768.fault(Arrays.copyOf(key, key.length - 1)));
        for (int coefficient = 0; coefficient < 768; coefficient++) {
            for (int value : new int[] {KemPolynomial.Q - 1, KemPolynomial.Q, 4095}) {
                byte[] other = with(key, coefficient, value);
                assertEquals(
                        value < KemPolynomial.Q
                                ? Optional.empty()
                                : Optional.of("no ML-KEM-768 key: a coefficient is not reduced modulo q"),
                        MlKem768.fault(other));
            }
        }
        assertEquals(
                "the key is no ML-KEM-768 key: a coefficient is not reduced modulo q",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> MlKem768.encapsulate(with(key, 5, KemPolynomial.Q), new SecureRandom()))
                        .getMessage());
    }

    private static byte[] with(byte[] key, int coefficient, int value) {
        byte[] other = key.clone();
        int at = coefficient / 2 * 3;
        if (coefficient % 2 == 0) {
            other[at] = (byte) value;
            other[at + 1] = (byte) ((other[at + 1] & 0xF0) | (value >>> 8));
        } else {
            other[at + 1] = (byte) ((other[at + 1] & 0x0F) | (value << 4));
            other[at + 2] = (byte) (value >>> 4);
        }
        return other;
    }

    /** FIPS 203, section 7.3. */
    @Test
    void inputsOfADecapsulationAreChecked() {
        byte[] key = MlKem768.freshKeys(new SecureRandom()).decapsulationKey();
        byte[] ciphertext = new byte[MlKem768.CIPHERTEXT_BYTES];

        assertEquals(
                "a ciphertext of ML-KEM-768 must be 1088 bytes, but was 1087",
                message(key, Arrays.copyOf(ciphertext, 1087)));
        assertEquals(
                "a decapsulation key of ML-KEM-768 must be 2400 bytes, but was 2401",
                message(Arrays.copyOf(key, 2401), ciphertext));
        byte[] damaged = key.clone();
        damaged[1500] ^= 1;
        assertEquals("the decapsulation key is damaged: it has another key's hash", message(damaged, ciphertext));
    }

    private static String message(byte[] key, byte[] ciphertext) {
        return assertThrows(IllegalArgumentException.class, () -> MlKem768.decapsulate(key, ciphertext))
                .getMessage();
    }

    /** Transforms against the definition: the product of polynomials modulo X^256 + 1. */
    @Test
    void productsAreThoseOfTheRing() {
        Random random = new Random(768);
        byte[] seed = new byte[32];
        for (int time = 0; time < 20; time++) {
            random.nextBytes(seed);
            KemPolynomial a = KemPolynomial.uniform(seed, 0, 0);
            KemPolynomial b = KemPolynomial.uniform(seed, 1, 0);
            int[] expected = new int[KemPolynomial.LENGTH];
            for (int i = 0; i < expected.length; i++) {
                for (int j = 0; j < expected.length; j++) {
                    int at = (i + j) % expected.length;
                    int sign = i + j < expected.length ? 1 : -1;
                    expected[at] = Math.floorMod(expected[at] + sign * a.get(i) * b.get(j), KemPolynomial.Q);
                }
            }
            KemPolynomial product = new KemPolynomial();
            product.addProduct(a.transform(), b.transform());
            product.transformBack();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], product.get(i));
            }
        }
    }

    /** Every coefficient at every width, against the formula in exact arithmetic. */
    @Test
    void compressionIsThatOfTheStandard() {
        for (int bits : new int[] {1, 4, 10}) {
            for (int first = 0; first < KemPolynomial.Q; first += KemPolynomial.LENGTH) {
                byte[] twelve = new byte[384];
                for (int i = 0; i < KemPolynomial.LENGTH; i++) {
                    twelve = with(twelve, i, Math.min(first + i, KemPolynomial.Q - 1));
                }
                KemPolynomial polynomial = KemPolynomial.decode(12, twelve, 0);
                byte[] compressed = new byte[KemPolynomial.LENGTH * bits / 8];
                polynomial.encode(bits, compressed, 0);
                KemPolynomial decompressed = KemPolynomial.decode(bits, compressed, 0);
                for (int i = 0; i < KemPolynomial.LENGTH; i++) {
                    long x = polynomial.get(i);
                    long y = Math.round(x * Math.scalb(1.0, bits) / KemPolynomial.Q) % (1L << bits);
                    assertEquals(Math.round(Math.scalb((double) KemPolynomial.Q * y, -bits)), decompressed.get(i));
                }
            }
        }
    }
}
