package org.fl4j.compression;

import java.nio.ByteBuffer;
import java.util.Map;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/** Coordinates drawn by the seed: {@link Codec#randomK}. */
record RandomK(double fraction) implements Codec {

    RandomK {
        TopK.checkFraction(fraction);
    }

    @Override
    public CodecSpec spec() {
        return Specs.of("random-k", Map.of("fraction", fraction));
    }

    @Override
    public byte[] encode(float[] x, long seed) {
        byte[] payload = Payloads.empty(this, x);
        ByteBuffer out = ByteBuffer.wrap(payload);
        for (int place : places(x.length, seed)) {
            out.putFloat(x[place]);
        }
        return payload;
    }

    @Override
    public float[] decode(byte[] payload, int n, long seed) {
        ByteBuffer in = Payloads.checked(this, payload, n);
        int[] places = places(n, seed);
        double factor = (double) n / places.length;
        float[] x = new float[n];
        for (int place : places) {
            x[place] = Payloads.saturated(factor * Payloads.finite(this, n, in.getFloat()));
        }
        return x;
    }

    @Override
    public int payloadLength(int n) {
        return Payloads.length(this, n, (long) Float.BYTES * TopK.kept(n, fraction), 0);
    }

    @Override
    public boolean isUnbiased() {
        return true;
    }

    /** The places that travel, ascending, each subset alike likely (Knuth, TAOCP vol. 2, 3.4.2, algorithm S). */
    int[] places(int n, long seed) {
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "random-k"));
        int[] places = new int[TopK.kept(n, fraction)];
        int chosen = 0;
        for (int i = 0; chosen < places.length; i++) {
            if (random.nextInt(n - i) < places.length - chosen) {
                places[chosen++] = i;
            }
        }
        return places;
    }
}
