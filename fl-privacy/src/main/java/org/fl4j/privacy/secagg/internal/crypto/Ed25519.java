package org.fl4j.privacy.secagg.internal.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.X509EncodedKeySpec;

/** Ed25519 signatures (RFC 8032), the JDK's. */
public final class Ed25519 {

    public static final int SIGNATURE_BYTES = 64;

    private static final String NAME = "Ed25519";
    private static final BigInteger P = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

    private Ed25519() {}

    public static KeyPair freshKeys() {
        try {
            return KeyPairGenerator.getInstance(NAME).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    public static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(NAME);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    /**
     * False also where the key or the signature is not even of the right form, and where the key is of small order: under such a
     * key one signature is good for every message, or for every eighth.
     */
    public static boolean verify(PublicKey key, byte[] message, byte[] signature) {
        if (key instanceof EdECPublicKey point && isSmallOrder(point.getPoint().getY())) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(NAME);
            verifier.initVerify(key);
            verifier.update(message);
            return signature.length == SIGNATURE_BYTES && verifier.verify(signature);
        } catch (SignatureException | java.security.InvalidKeyException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    public static boolean isPublicKey(PublicKey key) {
        return key instanceof EdECPublicKey edwards
                && edwards.getParams().getName().equals(NAME);
    }

    /**
     * Points whose order divides 8 have y = 1, y = -1, y = 0, or twice them has y = 0, which is where x^2 = -y^2. In -x^2 + y^2 = 1
     * + d x^2 y^2 with d = -121665 / 121666 that gives 121665 y^4 - 243332 y^2 + 121666 = 0.
     */
    private static boolean isSmallOrder(BigInteger y) {
        BigInteger square = y.multiply(y).mod(P);
        BigInteger ofOrder8 = BigInteger.valueOf(121_665)
                .multiply(square)
                .subtract(BigInteger.valueOf(243_332))
                .multiply(square)
                .add(BigInteger.valueOf(121_666));
        return y.multiply(square.subtract(BigInteger.ONE))
                        .multiply(ofOrder8)
                        .mod(P)
                        .signum()
                == 0;
    }

    public static PublicKey publicKey(byte[] encoded) throws GeneralSecurityException {
        return KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static IllegalStateException lacking(GeneralSecurityException e) {
        return new IllegalStateException("this JDK lacks " + NAME, e);
    }
}
