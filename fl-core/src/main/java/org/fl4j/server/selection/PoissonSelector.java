package org.fl4j.server.selection;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.random.DeterministicRandom;

/**
 * A coin for each client: 63 random bits below {@code floor(q * 2^63)}, so the probability is q from below within 2^-63.
 * The seeded form is for tests of what happens around it.
 */
final class PoissonSelector implements ClientSelector {

    private final double probability;
    private final SamplingScheme.Source source;
    private final LongFunction<LongSupplier> bits;

    private PoissonSelector(double probability, SamplingScheme.Source source, LongFunction<LongSupplier> bits) {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability must be in (0, 1], but was " + probability);
        }
        this.probability = probability;
        this.source = source;
        this.bits = bits;
    }

    static PoissonSelector fresh(double probability) {
        return new PoissonSelector(probability, SamplingScheme.Source.CRYPTOGRAPHIC, seed -> new SecureBits());
    }

    static PoissonSelector seeded(double probability) {
        return new PoissonSelector(
                probability, SamplingScheme.Source.SEEDED, seed -> new DeterministicRandom(seed)::nextLong);
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        LongSupplier coins = bits.apply(context.seed());
        long threshold = (long) (probability * 0x1p63);
        List<ClientId> population = context.population();
        List<ClientId> cohort = new ArrayList<>();
        for (int i = 0; i < population.size(); i++) {
            if (probability == 1 || coins.getAsLong() >>> 1 < threshold) {
                cohort.add(population.get(i));
            }
        }
        return ClientSelector.Selection.of(cohort);
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.Poisson(probability, source);
    }

    /** Longs of a {@link SecureRandom}, a kilobyte at a time. */
    private static final class SecureBits implements LongSupplier {

        private final SecureRandom random = new SecureRandom();
        private final ByteBuffer buffer = ByteBuffer.allocate(1024).limit(0);

        @Override
        public long getAsLong() {
            if (!buffer.hasRemaining()) {
                random.nextBytes(buffer.array());
                buffer.clear();
            }
            return buffer.getLong();
        }
    }
}
