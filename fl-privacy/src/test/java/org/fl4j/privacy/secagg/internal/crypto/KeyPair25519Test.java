package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Field;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPair25519Test {

    private static final HexFormat HEX = HexFormat.of();

    /** RFC 7748, section 6.1. */
    @Test
    void agreesAsInTheStandard() throws InvalidKeyException {
        byte[] a = HEX.parseHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] b = HEX.parseHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        try (KeyPair25519 alice = KeyPair25519.ofScalar(a);
                KeyPair25519 bob = KeyPair25519.ofScalar(b)) {
            assertEquals(
                    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                    HEX.formatHex(alice.publicKey()));
            assertEquals(
                    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", HEX.formatHex(bob.publicKey()));
            String secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
            assertEquals(secret, HEX.formatHex(alice.agree(bob.publicKey())));
            assertEquals(secret, HEX.formatHex(bob.agree(alice.publicKey())));
        }
    }

    /** Both ways to compute it, on public keys with any bits but the one that is not read. */
    @Test
    void agreesWithOurLadder() throws InvalidKeyException {
        Random random = new Random(8);
        byte[] scalar = new byte[32];
        byte[] peer = new byte[32];
        for (int i = 0; i < 100; i++) {
            random.nextBytes(scalar);
            random.nextBytes(peer);
            peer[31] &= 0x7f;
            try (KeyPair25519 keys = KeyPair25519.ofScalar(scalar)) {
                assertArrayEquals(X25519.publicKey(scalar), keys.publicKey());
                assertArrayEquals(X25519.agree(scalar, peer), keys.agree(peer));
            }
        }
    }

    @Test
    void drawsAFreshScalar() {
        SecureRandom random = new SecureRandom() {
            private static final long serialVersionUID = 1L;

            private byte next;

            @Override
            public void nextBytes(byte[] bytes) {
                Arrays.fill(bytes, ++next);
            }
        };
        try (KeyPair25519 one = KeyPair25519.fresh(random);
                KeyPair25519 other = KeyPair25519.fresh(random)) {
            assertEquals("01".repeat(32), HEX.formatHex(one.scalar()));
            assertEquals("02".repeat(32), HEX.formatHex(other.scalar()));
            assertArrayEquals(X25519.publicKey(other.scalar()), other.publicKey());
        }
    }

    @Test
    void rejectsKeysOfSmallOrder() {
        try (KeyPair25519 keys = KeyPair25519.ofScalar(new byte[32])) {
            for (byte[] point : X25519Test.smallOrder()) {
                assertEquals(
                        "the peer's X25519 public key is of small order",
                        assertThrows(InvalidKeyException.class, () -> keys.agree(point))
                                .getMessage());
            }
        }
    }

    /** 2^255 - 10 stands for the base point 9, and so does 9 with the top bit set; 2^255 - 20 = p - 1 is of small order. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0900000000000000000000000000000000000000000000000000000000000080",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            })
    void rejectsNonCanonicalKeys(String key) {
        byte[] twin = HEX.parseHex(key);
        try (KeyPair25519 keys = KeyPair25519.ofScalar(new byte[32])) {
            assertEquals(
                    "the peer's X25519 public key is not canonical: another encoding stands for the same point",
                    assertThrows(InvalidKeyException.class, () -> keys.agree(twin))
                            .getMessage());
        }
    }

    @Test
    void acceptsTheLargestCanonicalKey() throws InvalidKeyException {
        byte[] largest = HEX.parseHex("ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        try (KeyPair25519 keys = KeyPair25519.ofScalar(new byte[32])) {
            assertArrayEquals(X25519.agree(new byte[32], largest), keys.agree(largest));
        }
    }

    @Test
    void rejectsOtherLengths() {
        assertEquals(
                "the scalar of a key pair must be 32 bytes, but was 31",
                assertThrows(IllegalArgumentException.class, () -> KeyPair25519.ofScalar(new byte[31]))
                        .getMessage());
        try (KeyPair25519 keys = KeyPair25519.ofScalar(new byte[32])) {
            assertEquals(
                    "a public key of X25519 must be 32 bytes, but was 33",
                    assertThrows(IllegalArgumentException.class, () -> keys.agree(new byte[33]))
                            .getMessage());
        }
    }

    @Test
    void sharesNoArrays() {
        byte[] scalar = new byte[32];
        try (KeyPair25519 keys = KeyPair25519.ofScalar(scalar)) {
            Arrays.fill(scalar, (byte) 5);
            Arrays.fill(keys.scalar(), (byte) 6);
            Arrays.fill(keys.publicKey(), (byte) 7);
            assertArrayEquals(new byte[32], keys.scalar());
            assertArrayEquals(X25519.publicKey(new byte[32]), keys.publicKey());
        }
    }

    @Test
    void erasesItsScalarWhenClosed() throws ReflectiveOperationException {
        KeyPair25519 keys = KeyPair25519.fresh(new SecureRandom());
        byte[] publicKey = keys.publicKey();
        keys.close();
        keys.close();
        Field scalar = KeyPair25519.class.getDeclaredField("scalar");
        scalar.setAccessible(true);
        assertArrayEquals(new byte[32], (byte[]) scalar.get(keys));
        for (Executable use : new Executable[] {keys::scalar, () -> keys.agree(publicKey)}) {
            assertEquals(
                    "this key pair is closed",
                    assertThrows(IllegalStateException.class, use).getMessage());
        }
        assertEquals(
                "this key pair is closed",
                assertThrows(IllegalStateException.class, keys::publicKey).getMessage());
    }
}
