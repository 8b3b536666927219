package org.fl4j.privacy.secagg;

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
final class Ed25519 {

    static final int SIGNATURE_BYTES = 64;

    private static final String NAME = "Ed25519";

    private Ed25519() {}

    static KeyPair freshKeys() {
        try {
            return KeyPairGenerator.getInstance(NAME).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(NAME);
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    /** False also where the key or the signature is not even of the right form. */
    static boolean verify(PublicKey key, byte[] message, byte[] signature) {
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

    static boolean isPublicKey(PublicKey key) {
        return key instanceof EdECPublicKey edwards
                && edwards.getParams().getName().equals(NAME);
    }

    static PublicKey publicKey(byte[] encoded) throws GeneralSecurityException {
        return KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static IllegalStateException lacking(GeneralSecurityException e) {
        return new IllegalStateException("this JDK lacks " + NAME, e);
    }
}
