package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** A true generator that keeps a copy of what it gave: a test that hands it to a client knows the client's secrets. */
final class RecordingRandom extends SecureRandom {

    private static final long serialVersionUID = 1L;

    private final transient SecureRandom source = new SecureRandom();
    private final transient List<byte[]> given = new ArrayList<>();

    @Override
    public void nextBytes(byte[] bytes) {
        source.nextBytes(bytes);
        given.add(bytes.clone());
    }

    /** A copy of what the call gave, counted from 0. */
    byte[] given(int call) {
        return given.get(call).clone();
    }
}
