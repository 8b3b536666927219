package org.fl4j.privacy.secagg.internal.crypto;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * ML-KEM-768, a key encapsulation that is believed to withstand quantum computers: whoever has the encapsulation key makes a ciphertext
 * and a secret of 32 bytes, which the decapsulation key makes of the ciphertext again.
 *
 * <p>Security guarantee: without the decapsulation key the secret is indistinguishable from uniform, also for an adversary that has other
 * ciphertexts opened, if the module learning-with-errors problem of rank 3 is hard and SHA-3 behaves as a random oracle; NIST's category 3, as
 * hard as a key search of AES-192. It is young: put its secret through {@link Hkdf} together with one of X25519, so that the result is as strong as the
 * stronger. No branch, no address and no division depends on a secret; our copies of secrets are erased.
 *
 * <ul>
 *   <li>An altered ciphertext decapsulates to a secret that nobody else knows, not to an error ("implicit rejection").
 *   <li>A decapsulation fails by chance with probability 2^-164.
 *   <li>Of a peer's encapsulation key ask {@link #fault} before; ciphertexts are checked for their length alone.
 * </ul>
 *
 * <p>Thread-safe. Callers erase seeds, decapsulation keys and secrets.
 *
 * <p>Source: NIST FIPS 203, "Module-Lattice-Based Key-Encapsulation Mechanism Standard", 2024, sections 5 to 8.
 */
public final class MlKem768 {

    /** The length of a secret, and of each of a key's two seeds. */
    public static final int SECRET_BYTES = 32;

    public static final int ENCAPSULATION_KEY_BYTES = 1184;
    public static final int CIPHERTEXT_BYTES = 1088;

    static final int DECAPSULATION_KEY_BYTES = 2400;

    private static final int RANK = 3;
    private static final int POLYNOMIAL_BYTES = KemPolynomial.LENGTH * 12 / Byte.SIZE;
    private static final int VECTOR_BYTES = RANK * POLYNOMIAL_BYTES;

    /** d_u and d_v of table 2. */
    private static final int BITS_OF_U = 10;

    private static final int BITS_OF_V = 4;
    private static final int U_BYTES = KemPolynomial.LENGTH * BITS_OF_U / Byte.SIZE;

    private MlKem768() {}

    /** What {@link #encapsulate} returns: a ciphertext to send, and the secret, which the caller erases. */
    public static final class Encapsulation {

        private final byte[] ciphertext;
        private final byte[] secret;

        private Encapsulation(byte[] ciphertext, byte[] secret) {
            this.ciphertext = ciphertext;
            this.secret = secret;
        }

        /** The array itself. */
        public byte[] ciphertext() {
            return ciphertext;
        }

        /** The array itself, secret. */
        public byte[] secret() {
            return secret;
        }
    }

    /** A pair of keys; the decapsulation key is secret, and the caller erases it. */
    public static final class Keys {

        private final byte[] encapsulationKey;
        private final byte[] decapsulationKey;

        private Keys(byte[] encapsulationKey, byte[] decapsulationKey) {
            this.encapsulationKey = encapsulationKey;
            this.decapsulationKey = decapsulationKey;
        }

        /** The array itself. */
        public byte[] encapsulationKey() {
            return encapsulationKey;
        }

        /** The array itself, secret. */
        public byte[] decapsulationKey() {
            return decapsulationKey;
        }
    }

    /** New keys. */
    public static Keys freshKeys(SecureRandom random) {
        byte[] d = fresh(random);
        byte[] z = fresh(random);
        try {
            return keys(d, z);
        } finally {
            Arrays.fill(d, (byte) 0);
            Arrays.fill(z, (byte) 0);
        }
    }

    private static byte[] fresh(SecureRandom random) {
        byte[] seed = new byte[SECRET_BYTES];
        random.nextBytes(seed);
        return seed;
    }

    /** Algorithms 16 and 13: the keys of two seeds. */
    static Keys keys(byte[] d, byte[] z) {
        byte[] seeds = hash(Keccak.sha3of512(), 2 * SECRET_BYTES, d, new byte[] {RANK});
        byte[] rho = Arrays.copyOf(seeds, SECRET_BYTES);
        byte[] sigma = Arrays.copyOfRange(seeds, SECRET_BYTES, seeds.length);
        KemPolynomial[] secret = noise(sigma, 0, true);
        KemPolynomial[] t = noise(sigma, RANK, true);
        byte[] encapsulation = new byte[ENCAPSULATION_KEY_BYTES];
        byte[] decapsulation = new byte[DECAPSULATION_KEY_BYTES];
        for (int i = 0; i < RANK; i++) {
            for (int j = 0; j < RANK; j++) {
                t[i].addProduct(KemPolynomial.uniform(rho, j, i), secret[j]);
            }
            t[i].encode(12, encapsulation, i * POLYNOMIAL_BYTES);
            secret[i].encode(12, decapsulation, i * POLYNOMIAL_BYTES);
        }
        System.arraycopy(rho, 0, encapsulation, VECTOR_BYTES, SECRET_BYTES);
        System.arraycopy(encapsulation, 0, decapsulation, VECTOR_BYTES, ENCAPSULATION_KEY_BYTES);
        byte[] digest = hash(Keccak.sha3of256(), SECRET_BYTES, encapsulation);
        System.arraycopy(digest, 0, decapsulation, VECTOR_BYTES + ENCAPSULATION_KEY_BYTES, SECRET_BYTES);
        System.arraycopy(z, 0, decapsulation, DECAPSULATION_KEY_BYTES - SECRET_BYTES, SECRET_BYTES);
        erase(secret);
        erase(t);
        Arrays.fill(seeds, (byte) 0);
        Arrays.fill(sigma, (byte) 0);
        return new Keys(encapsulation, decapsulation);
    }

    /** Why an encapsulation key is not acceptable: the checks of section 7.2. */
    public static Optional<String> fault(byte[] encapsulationKey) {
        if (encapsulationKey.length != ENCAPSULATION_KEY_BYTES) {
            return Optional.of("an ML-KEM-768 key of " + encapsulationKey.length + " bytes, but they have "
                    + ENCAPSULATION_KEY_BYTES);
        }
        byte[] again = new byte[VECTOR_BYTES];
        for (int i = 0; i < RANK; i++) {
            KemPolynomial.decode(12, encapsulationKey, i * POLYNOMIAL_BYTES).encode(12, again, i * POLYNOMIAL_BYTES);
        }
        return Arrays.equals(again, 0, VECTOR_BYTES, encapsulationKey, 0, VECTOR_BYTES)
                ? Optional.empty()
                : Optional.of("no ML-KEM-768 key: a coefficient is not reduced modulo q");
    }

    /**
     * A new secret for the owner of the key.
     *
     * @throws IllegalArgumentException if the key has a {@link #fault}
     */
    public static Encapsulation encapsulate(byte[] encapsulationKey, SecureRandom random) {
        byte[] message = fresh(random);
        try {
            return encapsulate(encapsulationKey, message);
        } finally {
            Arrays.fill(message, (byte) 0);
        }
    }

    /** Algorithm 17, of a message of 32 bytes that is uniform and used for this key alone. */
    static Encapsulation encapsulate(byte[] encapsulationKey, byte[] message) {
        fault(encapsulationKey).ifPresent(why -> {
            throw new IllegalArgumentException("the key is " + why);
        });
        byte[] digest = hash(Keccak.sha3of256(), SECRET_BYTES, encapsulationKey);
        byte[] secretAndCoins = hash(Keccak.sha3of512(), 2 * SECRET_BYTES, message, digest);
        byte[] coins = Arrays.copyOfRange(secretAndCoins, SECRET_BYTES, secretAndCoins.length);
        try {
            byte[] ciphertext = encrypt(encapsulationKey, message, coins);
            return new Encapsulation(ciphertext, Arrays.copyOf(secretAndCoins, SECRET_BYTES));
        } finally {
            Arrays.fill(secretAndCoins, (byte) 0);
            Arrays.fill(coins, (byte) 0);
        }
    }

    /**
     * The secret of a ciphertext: algorithm 18.
     *
     * @param decapsulationKey one that {@link #freshKeys} made
     * @throws IllegalArgumentException if a length is wrong, or the decapsulation key is damaged: the checks of section 7.3
     */
    public static byte[] decapsulate(byte[] decapsulationKey, byte[] ciphertext) {
        requireLength("decapsulation key", decapsulationKey, DECAPSULATION_KEY_BYTES);
        requireLength("ciphertext", ciphertext, CIPHERTEXT_BYTES);
        int end = VECTOR_BYTES + ENCAPSULATION_KEY_BYTES;
        byte[] encapsulationKey = Arrays.copyOfRange(decapsulationKey, VECTOR_BYTES, end);
        byte[] digest = Arrays.copyOfRange(decapsulationKey, end, end + SECRET_BYTES);
        if (!Arrays.equals(digest, hash(Keccak.sha3of256(), SECRET_BYTES, encapsulationKey))) {
            throw new IllegalArgumentException("the decapsulation key is damaged: it has another key's hash");
        }
        byte[] z =
                Arrays.copyOfRange(decapsulationKey, DECAPSULATION_KEY_BYTES - SECRET_BYTES, DECAPSULATION_KEY_BYTES);
        byte[] message = decrypt(decapsulationKey, ciphertext);
        byte[] secretAndCoins = hash(Keccak.sha3of512(), 2 * SECRET_BYTES, message, digest);
        byte[] coins = Arrays.copyOfRange(secretAndCoins, SECRET_BYTES, secretAndCoins.length);
        byte[] rejected = hash(Keccak.shake256(), SECRET_BYTES, z, ciphertext);
        byte[] again = encrypt(encapsulationKey, message, coins);
        byte[] secret = chosen(MessageDigest.isEqual(again, ciphertext), secretAndCoins, rejected);
        for (byte[] each : new byte[][] {z, message, secretAndCoins, coins, rejected, again}) {
            Arrays.fill(each, (byte) 0);
        }
        return secret;
    }

    /** The first 32 bytes of one of two arrays, both of which are read. */
    private static byte[] chosen(boolean first, byte[] a, byte[] b) {
        int mask = -(first ? 1 : 0);
        byte[] chosen = new byte[SECRET_BYTES];
        for (int i = 0; i < SECRET_BYTES; i++) {
            chosen[i] = (byte) (b[i] ^ (mask & (a[i] ^ b[i])));
        }
        return chosen;
    }

    /** Algorithm 14, K-PKE.Encrypt. */
    private static byte[] encrypt(byte[] key, byte[] message, byte[] coins) {
        byte[] rho = Arrays.copyOfRange(key, VECTOR_BYTES, ENCAPSULATION_KEY_BYTES);
        KemPolynomial[] y = noise(coins, 0, true);
        KemPolynomial[] e = noise(coins, RANK, false);
        KemPolynomial v = new KemPolynomial();
        byte[] ciphertext = new byte[CIPHERTEXT_BYTES];
        for (int i = 0; i < RANK; i++) {
            KemPolynomial u = new KemPolynomial();
            for (int j = 0; j < RANK; j++) {
                u.addProduct(KemPolynomial.uniform(rho, i, j), y[j]);
            }
            u.transformBack().add(e[i]);
            u.encode(BITS_OF_U, ciphertext, i * U_BYTES);
            v.addProduct(KemPolynomial.decode(12, key, i * POLYNOMIAL_BYTES), y[i]);
            u.erase();
        }
        v.transformBack().add(KemPolynomial.noise(coins, 2 * RANK));
        v.add(KemPolynomial.decode(1, message, 0));
        v.encode(BITS_OF_V, ciphertext, RANK * U_BYTES);
        v.erase();
        erase(y);
        erase(e);
        return ciphertext;
    }

    /** Algorithm 15, K-PKE.Decrypt. */
    private static byte[] decrypt(byte[] key, byte[] ciphertext) {
        KemPolynomial product = new KemPolynomial();
        for (int i = 0; i < RANK; i++) {
            KemPolynomial secret = KemPolynomial.decode(12, key, i * POLYNOMIAL_BYTES);
            product.addProduct(
                    secret,
                    KemPolynomial.decode(BITS_OF_U, ciphertext, i * U_BYTES).transform());
            secret.erase();
        }
        KemPolynomial v = KemPolynomial.decode(BITS_OF_V, ciphertext, RANK * U_BYTES);
        v.subtract(product.transformBack());
        byte[] message = new byte[SECRET_BYTES];
        v.encode(1, message, 0);
        v.erase();
        product.erase();
        return message;
    }

    private static KemPolynomial[] noise(byte[] seed, int first, boolean transformed) {
        KemPolynomial[] noise = new KemPolynomial[RANK];
        for (int i = 0; i < RANK; i++) {
            noise[i] = KemPolynomial.noise(seed, first + i);
            if (transformed) {
                noise[i].transform();
            }
        }
        return noise;
    }

    private static byte[] hash(Keccak sponge, int length, byte[]... parts) {
        try (sponge) {
            for (byte[] part : parts) {
                sponge.absorb(part);
            }
            return sponge.squeeze(length);
        }
    }

    private static void erase(KemPolynomial[] polynomials) {
        for (KemPolynomial each : polynomials) {
            each.erase();
        }
    }

    private static void requireLength(String what, byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalArgumentException(
                    "a " + what + " of ML-KEM-768 must be " + length + " bytes, but was " + bytes.length);
        }
    }
}
