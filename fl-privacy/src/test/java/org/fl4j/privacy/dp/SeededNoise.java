package org.fl4j.privacy.dp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.fl4j.aggregation.BoundedAggregator;

/** Mechanisms whose noise a test knows, for tests of other packages. */
public final class SeededNoise {

    private SeededNoise() {}

    /** The same noise in the first release of every mechanism made with one seed. */
    public static GaussianMechanism on(BoundedAggregator rule, double noiseMultiplier, long seed) {
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom(Releases.seeded(seed));
    }

    /** Stated noise, in steps, which the test may change between releases. */
    public static GaussianMechanism on(BoundedAggregator rule, double noiseMultiplier, long[] steps) {
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom((distribution, n) -> steps.clone());
    }

    /** A broken mechanism: noise of a share of the scale that is booked. */
    public static GaussianMechanism tooSmall(BoundedAggregator rule, double noiseMultiplier, double share, long seed) {
        NoiseSource source = Releases.seeded(seed);
        return GaussianMechanism.on(rule, noiseMultiplier)
                .drawingFrom((distribution, n) -> source.draw(DiscreteGaussian.of(distribution.sigma() * share), n));
    }

    /** A broken mechanism: what the first release draws, all later ones use, too. */
    public static GaussianMechanism drawnOnce(BoundedAggregator rule, double noiseMultiplier, long seed) {
        NoiseSource source = Releases.seeded(seed);
        List<long[]> drawn = new ArrayList<>();
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom((distribution, n) -> {
            if (drawn.isEmpty()) {
                drawn.add(source.draw(distribution, n));
            }
            return drawn.get(0).clone();
        });
    }

    /**
     * Noise that depends on its scale and on no draw before, so it is the same after a resume; with an adaptive clip it
     * differs from round to round.
     *
     * @param drawn hears of each draw before it returns: how many values
     */
    public static GaussianMechanism byScale(BoundedAggregator rule, double noiseMultiplier, IntConsumer drawn) {
        return GaussianMechanism.on(rule, noiseMultiplier).drawingFrom((distribution, n) -> {
            long[] noise = byScale(distribution, n);
            drawn.accept(n);
            return noise;
        });
    }

    static long[] byScale(DiscreteGaussian distribution, int n) {
        return Releases.seeded(Double.doubleToLongBits(distribution.sigma())).draw(distribution, n);
    }

    /** How many releases a journal has on record, a last one that was torn by a crash not among them; 0 if there is none yet. */
    public static long charged(Path journal) throws IOException {
        byte[] bytes = Files.exists(journal) ? Files.readAllBytes(journal) : new byte[0];
        return JournalContent.isCutShort(bytes)
                ? 0
                : JournalContent.parse(journal, bytes).content().spent().rounds();
    }
}
