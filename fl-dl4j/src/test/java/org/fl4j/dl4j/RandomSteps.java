package org.fl4j.dl4j;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** How a random architecture steps: updater, regularisation and gradient normalisation of a seed, or plain SGD. */
final class RandomSteps {

    private final SplittableRandom random;
    private final boolean plain;
    private final boolean normalises;
    private final IUpdater updater;
    private boolean hasL1;

    private RandomSteps(long seed, boolean plain, boolean normalises) {
        this.random = new SplittableRandom(~seed);
        this.plain = plain;
        this.normalises = normalises;
        this.updater = plain ? new Sgd(1) : updater();
    }

    static RandomSteps plainSgd() {
        return new RandomSteps(0, true, false);
    }

    /**
     * Those of a seed.
     *
     * @param normalises whether there is batch normalisation, before which biases have no gradient but rounding
     */
    static RandomSteps of(long seed, boolean normalises) {
        return new RandomSteps(seed, false, normalises);
    }

    /** Epsilons are such that a rounding error, divided by them, is still none: see {@link ArchitectureComparison}. */
    private IUpdater updater() {
        return switch (random.nextInt(6)) {
            case 0 -> new Sgd(1);
            case 1 -> new Nesterovs(1, random.nextInt(2) == 0 ? 0.9 : 0.5);
            case 2 -> Adam.builder().beta1(0.9).beta2(0.99).epsilon(1e-2).build();
            case 3 -> Adam.builder().beta1(0.7).beta2(0.9).epsilon(3e-2).build();
            case 4 -> new AdaGrad(1, 1e-2);
            default -> new RmsProp(1, 0.9, 1e-2);
        };
    }

    /** Of a training that neither stands still nor explodes. */
    double rate() {
        return updater instanceof Sgd || updater instanceof Nesterovs ? 0.02 : 0.01;
    }

    boolean isQuotient() {
        return !(updater instanceof Sgd || updater instanceof Nesterovs);
    }

    /** Whether {@link #builder} put in what jumps where a weight changes its sign. */
    boolean hasL1() {
        return hasL1;
    }

    NeuralNetConfiguration.Builder builder() {
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder().updater(updater);
        if (plain) {
            return builder;
        }
        if (random.nextInt(5) == 0) {
            builder.biasUpdater(new Nesterovs(1, 0.8));
        }
        int terms = random.nextInt(6);
        hasL1 = terms == 1 || terms == 2;
        switch (terms) {
            case 0 -> builder.l2(0.3);
            case 1 -> builder.l1(0.1).l2Bias(0.2);
            case 2 -> builder.l1(0.1).l2(0.2).l1Bias(0.05);
            case 3 -> builder.weightDecay(0.3, random.nextBoolean());
            default -> {}
        }
        if (terms > 2 && random.nextInt(3) == 0) {
            builder.weightDecayBias(0.2, true);
        }
        return builder;
    }

    /** Of the next layer. */
    GradientNormalization normalization() {
        if (plain || random.nextInt(3) > 0) {
            return GradientNormalization.None;
        }
        GradientNormalization[] kinds = GradientNormalization.values();
        GradientNormalization kind = kinds[random.nextInt(kinds.length)];
        // It makes steps of rounding noise.
        return kind == GradientNormalization.RenormalizeL2PerParamType && normalises
                ? GradientNormalization.ClipL2PerParamType
                : kind;
    }

    double threshold() {
        return 0.01 + 0.2 * random.nextDouble();
    }

    @Override
    public String toString() {
        return updater.toString();
    }
}
