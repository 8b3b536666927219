package org.fl4j.privacy.secagg.internal.crypto;

import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.P;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.littleEndian;
import static org.fl4j.privacy.secagg.internal.crypto.ElementLimbs.number;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;

class X25519Test {

    private static final HexFormat HEX = HexFormat.of();

    /** RFC 7748, section 5.2, the first two vectors; the top bit of the second u is set. */
    @Test
    void agreesAsInTheStandard() {
        assertEquals(
                "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
                agree(
                        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"));
        assertEquals(
                "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
                agree(
                        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"));
    }

    /** RFC 7748, section 5.2: k, u = X25519(k, u), k. Its value after 1,000,000 was confirmed by hand. */
    @Test
    void iteratesAsInTheStandard() {
        assertEquals("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", iterated(1));
        assertEquals("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", iterated(1000));
    }

    /** RFC 7748, section 6.1. */
    @Test
    void twoClientsAgreeAsInTheStandard() {
        String a = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
        String b = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
        String publicA = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
        String publicB = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
        String secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
        assertEquals(publicA, HEX.formatHex(X25519.publicKey(HEX.parseHex(a))));
        assertEquals(publicB, HEX.formatHex(X25519.publicKey(HEX.parseHex(b))));
        assertEquals(secret, agree(a, publicB));
        assertEquals(secret, agree(b, publicA));
    }

    /** Every bit of scalars and points random, so also scalars not clamped, points of the twist and top bits set. */
    @Test
    void agreesWithTheJdk() throws GeneralSecurityException {
        Random random = new Random(7748);
        for (int i = 0; i < 200; i++) {
            byte[] scalar = bytes(random);
            byte[][] points = new byte[10][];
            for (int j = 0; j < points.length; j++) {
                points[j] = bytes(random);
            }
            assertArrayEquals(byJdk(scalar, points), X25519.agreeAll(scalar, points));
        }
    }

    @Test
    void agreesWithTheJdkOnEdgePoints() throws GeneralSecurityException {
        Random random = new Random(1);
        List<byte[]> points = new ArrayList<>();
        for (BigInteger around : List.of(BigInteger.ZERO, P, P.add(BigInteger.valueOf(18)))) {
            for (int i = -20; i <= 20; i++) {
                BigInteger u = around.add(BigInteger.valueOf(i));
                if (u.signum() >= 0 && u.bitLength() <= 255 && !X25519.isSmallOrder(littleEndian(u))) {
                    points.add(littleEndian(u));
                    points.add(littleEndian(u.setBit(255)));
                }
            }
        }
        // 0 to 20 but 0 and 1; p - 20 to p + 18 but p - 1, p and p + 1; p - 2 to p + 18, again but three; twice each.
        assertEquals(2 * (19 + 36 + 18), points.size());
        byte[][] all = points.toArray(byte[][]::new);
        byte[] scalar = bytes(random);
        assertArrayEquals(byJdk(scalar, all), X25519.agreeAll(scalar, all));
    }

    @Test
    void pointsThatDifferByThePrimeAreOne() {
        byte[] scalar = bytes(new Random(2));
        for (int u = 0; u < 19; u++) {
            BigInteger small = BigInteger.valueOf(u);
            assertArrayEquals(
                    X25519.agree(scalar, littleEndian(small)), X25519.agree(scalar, littleEndian(small.add(P))));
        }
    }

    @Test
    void knowsThePointsOfSmallOrder() {
        Random random = new Random(3);
        for (byte[] point : smallOrder()) {
            assertTrue(X25519.isSmallOrder(point), () -> HEX.formatHex(point));
            for (int i = 0; i < 5; i++) {
                assertArrayEquals(new byte[32], X25519.agree(bytes(random), point));
            }
        }
        for (int i = 0; i < 100; i++) {
            assertFalse(X25519.isSmallOrder(bytes(random)));
        }
        for (byte[] point : smallOrder()) {
            BigInteger u = number(point);
            for (int i : new int[] {-4, -3, 3, 4}) {
                BigInteger near = u.clearBit(255).add(BigInteger.valueOf(i));
                if (near.signum() >= 0 && near.bitLength() <= 255) {
                    assertFalse(X25519.isSmallOrder(littleEndian(near)), near::toString);
                }
            }
        }
    }

    /** Batches from 0 points to two and a bit, with points of small order at both ends and inside. */
    @Test
    void agreesWithManyAsWithEach() {
        Random random = new Random(4);
        byte[] scalar = bytes(random);
        List<byte[]> smallOrder = smallOrder();
        for (int n : new int[] {0, 1, 2, X25519.BATCH - 1, X25519.BATCH, X25519.BATCH + 1, 2 * X25519.BATCH + 3}) {
            byte[][] points = new byte[n][];
            byte[][] expected = new byte[n][];
            for (int i = 0; i < n; i++) {
                points[i] = i % 7 == 0 || i == n - 1 ? smallOrder.get(i % smallOrder.size()) : bytes(random);
                expected[i] = X25519.agree(scalar, points[i]);
            }
            assertArrayEquals(expected, X25519.agreeAll(scalar, points));
        }
    }

    @Test
    void leavesItsInputsAlone() {
        byte[] scalar = HEX.parseHex("ff".repeat(32));
        byte[] point = HEX.parseHex("fe".repeat(32));
        X25519.publicKey(scalar);
        X25519.agree(scalar, point);
        X25519.isSmallOrder(point);
        assertEquals("ff".repeat(32), HEX.formatHex(scalar));
        assertEquals("fe".repeat(32), HEX.formatHex(point));
    }

    @Test
    void rejectsOtherLengths() {
        byte[] fine = new byte[32];
        assertEquals(
                "a scalar of X25519 must be 32 bytes, but was 31",
                assertThrows(IllegalArgumentException.class, () -> X25519.agree(new byte[31], fine))
                        .getMessage());
        assertEquals(
                "a public key of X25519 must be 32 bytes, but was 33",
                assertThrows(IllegalArgumentException.class, () -> X25519.agree(fine, new byte[33]))
                        .getMessage());
        assertEquals(
                "a public key of X25519 must be 32 bytes, but was 0",
                assertThrows(IllegalArgumentException.class, () -> X25519.isSmallOrder(new byte[0]))
                        .getMessage());
    }

    /**
     * All encodings in 255 bits of the u whose orders divide 8, each with and without the top bit: Bernstein's list at
     * https://cr.yp.to/ecdh.html#validate, of whose numbers those above 2^255 - 1 mean other points under RFC 7748.
     */
    static List<byte[]> smallOrder() {
        List<BigInteger> u = List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                new BigInteger("325606250916557431795983626356110631294008115727848805560023387167927233504"),
                new BigInteger("39382357235489614581723060781553021112529911719440698176882885853963445705823"),
                P.subtract(BigInteger.ONE),
                P,
                P.add(BigInteger.ONE));
        List<byte[]> points = new ArrayList<>();
        for (BigInteger number : u) {
            points.add(littleEndian(number));
            points.add(littleEndian(number.setBit(255)));
        }
        return points;
    }

    private static String agree(String scalar, String u) {
        return HEX.formatHex(X25519.agree(HEX.parseHex(scalar), HEX.parseHex(u)));
    }

    private static String iterated(int times) {
        byte[] k = littleEndian(BigInteger.valueOf(9));
        byte[] u = k;
        for (int i = 0; i < times; i++) {
            byte[] next = X25519.agree(k, u);
            u = k;
            k = next;
        }
        return HEX.formatHex(k);
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[][] byJdk(byte[] scalar, byte[][] points) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar)));
        byte[][] agreed = new byte[points.length][];
        for (int i = 0; i < points.length; i++) {
            BigInteger u = number(points[i]).clearBit(255);
            agreement.doPhase(keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u)), true);
            agreed[i] = agreement.generateSecret();
        }
        return agreed;
    }
}
