package org.fl4j.privacy.secagg.internal.crypto;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * A client's key pair of one round, on the Montgomery curve Curve25519: two clients that know each other's public key
 * agree on a secret known to them alone.
 *
 * <p>The agreed bytes are a point of the curve, not a key: put them through {@link Hkdf} together with both public keys.
 *
 * <p>{@link #close} erases the scalar, the only copy: it is never in one of the JDK's key objects, which cannot be erased on
 * JDK 17. Not thread-safe.
 *
 * <p>Source: Langley, Hamburg, Turner, "Elliptic Curves for Security", RFC 7748, 2016, sections 5 and 6.1.
 */
public final class KeyPair25519 implements AutoCloseable {

    /** The length of a scalar, a public key and an agreed secret. */
    public static final int BYTES = X25519.BYTES;

    private final byte[] scalar;
    private final byte[] publicKey;
    private boolean closed;

    private KeyPair25519(byte[] scalar) {
        this.scalar = scalar;
        this.publicKey = X25519.publicKey(scalar);
    }

    /** A new key pair. */
    public static KeyPair25519 fresh(SecureRandom random) {
        byte[] scalar = new byte[BYTES];
        random.nextBytes(scalar);
        return new KeyPair25519(scalar);
    }

    /** The key pair of a scalar, which is copied. */
    static KeyPair25519 ofScalar(byte[] scalar) {
        if (scalar.length != BYTES) {
            throw new IllegalArgumentException(
                    "the scalar of a key pair must be " + BYTES + " bytes, but was " + scalar.length);
        }
        return new KeyPair25519(scalar.clone());
    }

    /** A copy of the public key, which is no secret. */
    public byte[] publicKey() {
        requireOpen();
        return publicKey.clone();
    }

    /**
     * The secret that this client and the owner of the other key agree on. The caller must erase it.
     *
     * @throws InvalidKeyException if the peer's key is of small order (the result would be the same for every scalar) or
     *     not canonical (it would be another key's twin)
     */
    public byte[] agree(byte[] peerPublicKey) throws InvalidKeyException {
        return agreeAll(new byte[][] {peerPublicKey})[0];
    }

    /** The secrets of {@link #agree} for several peers, in their order; faster than one by one. */
    public byte[][] agreeAll(byte[][] peerPublicKeys) throws InvalidKeyException {
        requireOpen();
        for (byte[] peerPublicKey : peerPublicKeys) {
            Optional<String> fault = X25519.fault(peerPublicKey);
            if (fault.isPresent()) {
                throw new InvalidKeyException("the peer's X25519 public key is " + fault.get());
            }
        }
        return X25519.agreeAll(scalar, peerPublicKeys);
    }

    /** A copy of the scalar, for sharing; the caller erases it. */
    public byte[] scalar() {
        requireOpen();
        return scalar.clone();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this key pair is closed");
        }
    }

    /** Erases the scalar; any later use throws. */
    @Override
    public void close() {
        Arrays.fill(scalar, (byte) 0);
        closed = true;
    }
}
