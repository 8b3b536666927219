package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class SecretSharingTest {

    @Test
    void aSecretComesBack() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        int[] holders = {4, 0, 9, 2};
        byte[][] shares = SecretSharing.split(secret, 4, holders, new SecureRandom());
        assertArrayEquals(secret, Interpolation.of(holders).join(shares).orElseThrow());
    }
}
