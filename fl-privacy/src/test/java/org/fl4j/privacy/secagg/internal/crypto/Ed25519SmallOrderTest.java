package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys under which nobody's signature is good for something. */
class Ed25519SmallOrderTest {

    private static final BigInteger P = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

    /** All points whose order divides 8, by y; x = 0 at y = 1 and y = -1. That these are they, the last test shows. */
    private static final String ORDER_8 = "5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826";

    @ParameterizedTest(name = "y = {0}, x odd: {1}")
    @CsvSource({
        "1, false",
        "-1, false",
        "0, false",
        "0, true",
        ORDER_8 + ", false",
        ORDER_8 + ", true",
        "-" + ORDER_8 + ", false",
        "-" + ORDER_8 + ", true"
    })
    void rejectsASignatureUnderAKeyOfSmallOrder(String y, boolean xOdd) throws GeneralSecurityException {
        PublicKey key = key(new BigInteger(y, 16).mod(P), xOdd);
        byte[] identity = new byte[Ed25519.SIGNATURE_BYTES];
        identity[0] = 1;
        int goodToTheJdk = 0;
        for (int i = 0; i < 48; i++) {
            byte[] message = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
            Signature jdk = Signature.getInstance("Ed25519");
            jdk.initVerify(key);
            jdk.update(message);
            goodToTheJdk += jdk.verify(identity) ? 1 : 0;
            assertFalse(Ed25519.verify(key, message, identity));
        }
        // One hash in eight is a multiple of the order, at least: P[none of 48] = (7/8)^48 = 0.0017, and hashes are
        // fixed.
        assertTrue(goodToTheJdk > 0, "without the check there is nothing to forge");
    }

    @Test
    void anOrdinaryKeyIsNotOfSmallOrder() throws GeneralSecurityException {
        byte[] message = {1, 2, 3};
        for (int i = 0; i < 20; i++) {
            KeyPair keys = Ed25519.freshKeys();
            assertTrue(Ed25519.verify(keys.getPublic(), message, Ed25519.sign(keys.getPrivate(), message)));
        }
    }

    /** Twice (x, y) has y = (y^2 + x^2) / (1 - d x^2 y^2) (RFC 8032, section 5.1.4), which is 0; so 4 times it has y = -1. */
    @Test
    void thePointOfOrderEightIsOfSmallOrder() {
        BigInteger d = BigInteger.valueOf(-121_665)
                .multiply(BigInteger.valueOf(121_666).modInverse(P))
                .mod(P);
        BigInteger y = new BigInteger(ORDER_8, 16);
        BigInteger y2 = y.multiply(y).mod(P);
        BigInteger x2 = y2.subtract(BigInteger.ONE)
                .multiply(d.multiply(y2).add(BigInteger.ONE).modInverse(P))
                .mod(P);
        assertEquals(BigInteger.ZERO, x2.add(y2).mod(P));
    }

    private static PublicKey key(BigInteger y, boolean xOdd) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(xOdd, y)));
    }
}
