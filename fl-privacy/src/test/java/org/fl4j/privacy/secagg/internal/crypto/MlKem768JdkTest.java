package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Agrees with the JDK's own ML-KEM, which JDK 24 brought; this module is compiled for 17, so it is called by reflection. */
@EnabledForJreRange(min = JRE.JAVA_24, disabledReason = "the JDK has ML-KEM from 24 on")
class MlKem768JdkTest {

    private static final int KEYS = 300;
    private static final String NAME = "ML-KEM-768";

    /** SubjectPublicKeyInfo of OID 2.16.840.1.101.3.4.4.2 before a key of 1,184 bytes: RFC 9935. */
    private static final byte[] PUBLIC_HEAD = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    private static Object call(Object target, String method, Object... arguments) throws Exception {
        Class<?>[] types = Arrays.stream(arguments)
                .map(argument -> argument instanceof PublicKey
                        ? PublicKey.class
                        : argument instanceof PrivateKey ? PrivateKey.class : argument.getClass())
                .toArray(Class<?>[]::new);
        return target.getClass().getMethod(method, types).invoke(target, arguments);
    }

    private static Object kem() throws Exception {
        return Class.forName("javax.crypto.KEM")
                .getMethod("getInstance", String.class)
                .invoke(null, NAME);
    }

    @Test
    void theJdkOpensWhatWeSealed() throws Exception {
        for (int i = 0; i < KEYS; i++) {
            KeyPair theirs = KeyPairGenerator.getInstance(NAME).generateKeyPair();
            MlKem768.Encapsulation made = MlKem768.encapsulate(raw(theirs.getPublic()), new SecureRandom());
            Object decapsulator = call(kem(), "newDecapsulator", theirs.getPrivate());
            Key secret = (Key) call(decapsulator, "decapsulate", (Object) made.ciphertext());
            assertArrayEquals(made.secret(), secret.getEncoded());
        }
    }

    @Test
    void weOpenWhatTheJdkSealed() throws Exception {
        for (int i = 0; i < KEYS; i++) {
            MlKem768.Keys ours = MlKem768.freshKeys(new SecureRandom());
            Object encapsulator = call(kem(), "newEncapsulator", key(ours.encapsulationKey()));
            Object made = call(encapsulator, "encapsulate");
            Key secret = (Key) call(made, "key");
            assertArrayEquals(secret.getEncoded(), MlKem768.decapsulate(ours.decapsulationKey(), (byte[])
                    call(made, "encapsulation")));
        }
    }

    private static byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        assertEquals(PUBLIC_HEAD.length + MlKem768.ENCAPSULATION_KEY_BYTES, encoded.length);
        assertArrayEquals(PUBLIC_HEAD, Arrays.copyOf(encoded, PUBLIC_HEAD.length));
        return Arrays.copyOfRange(encoded, PUBLIC_HEAD.length, encoded.length);
    }

    private static PublicKey key(byte[] raw) throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(PUBLIC_HEAD, PUBLIC_HEAD.length + raw.length);
        System.arraycopy(raw, 0, encoded, PUBLIC_HEAD.length, raw.length);
        return KeyFactory.getInstance("ML-KEM").generatePublic(new X509EncodedKeySpec(encoded));
    }
}
