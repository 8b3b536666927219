package org.fl4j.remote;

import java.security.SecureRandom;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/** Tells one request from every other, also from those of a server process before: 128 random bits. */
record RequestId(long high, long low) {

    private static final SecureRandom RANDOM = new SecureRandom();

    static RequestId fresh() {
        return new RequestId(RANDOM.nextLong(), RANDOM.nextLong());
    }

    void writeTo(BinaryWriter out) {
        out.writeLong(high);
        out.writeLong(low);
    }

    static RequestId readFrom(BinaryReader in) {
        return new RequestId(in.readLong(), in.readLong());
    }

    @Override
    public String toString() {
        return "%016x%016x".formatted(high, low);
    }
}
