package org.fl4j.data;

import java.util.stream.IntStream;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.jspecify.annotations.Nullable;

/**
 * The synthetic federation of the FedProx paper: clients whose models and features differ by a chosen amount.
 * Client k's data are generated on demand and depend on {@code (seed, k)} alone, so there is no fixed number of
 * clients.
 *
 * <p>Client k with {@code n_k} examples of {@value #FEATURES} features and {@value #CLASSES} classes:
 *
 * <pre>
 * y = argmax(softmax(W_k x + b_k)),   W_k[i][j], b_k[i] ~ N(u_k, 1),   u_k ~ N(0, alpha^2)
 * x ~ N(v_k, Sigma),   Sigma = diag(j^-1.2, j = 1..60),   v_k[j] ~ N(B_k, 1),   B_k ~ N(0, beta^2)
 * n_k = 50 + floor(exp(4 + 2 z_k)),   z_k ~ N(0, 1)
 * </pre>
 *
 * <p>In the IID variant all clients share {@code W, b ~ N(0, 1)} and {@code v = 0}; only sizes differ. The first 90 %
 * of a client's examples (rounded down) are for training, the rest, at least one, for its test.
 *
 * <ul>
 *   <li>Sizes have a heavy tail (median 104, mean about 450). They are capped at {@value #DEFAULT_MAX_EXAMPLES}, which
 *       meets one client in 12,000; the authors' code has no cap. {@link #withMaxExamples} sets another.
 *   <li>Small clients often lack some of the classes: that is part of the model.
 *   <li>Labels are noiseless, and computed from the FP32 features.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith, "Federated Optimization in Heterogeneous Networks", MLSys
 * 2020, section 5.1 and appendix C.1, after Shamir, Srebro, Zhang, ICML 2014; sizes, the reading of alpha and beta as
 * standard deviations, and one mean {@code u_k} for weights and biases alike are those of the authors' code.
 */
public final class SyntheticFederation {

    /** How many features an example has. */
    public static final int FEATURES = 60;

    /** How many classes there are. */
    public static final int CLASSES = 10;

    /** The largest size of a client unless {@link #withMaxExamples} says otherwise. */
    public static final int DEFAULT_MAX_EXAMPLES = 100_000;

    private static final int LONGEST = Integer.MAX_VALUE - 8;
    private static final int MIN_EXAMPLES = 50;
    private static final double LOG_MEAN = 4;
    private static final double LOG_SIGMA = 2;
    private static final double VARIANCE_DECAY = 1.2;

    /** Null in the IID variant. */
    private final @Nullable Spread spread;

    private final long seed;
    private final int maxExamples;

    private SyntheticFederation(@Nullable Spread spread, long seed, int maxExamples) {
        this.spread = spread;
        this.seed = seed;
        this.maxExamples = maxExamples;
    }

    /**
     * Clients that differ.
     *
     * @param spread alpha and beta; the paper uses (0, 0), (0.5, 0.5) and (1, 1)
     * @param seed decides everything
     * @return the federation
     */
    public static SyntheticFederation of(Spread spread, long seed) {
        return new SyntheticFederation(spread, seed, DEFAULT_MAX_EXAMPLES);
    }

    /**
     * Clients that share one model and one distribution of features and differ in size only. This is not
     * {@code Synthetic(0, 0)}, whose clients still draw models of their own.
     *
     * @param seed decides everything
     * @return the federation
     */
    public static SyntheticFederation iid(long seed) {
        return new SyntheticFederation(null, seed, DEFAULT_MAX_EXAMPLES);
    }

    /**
     * The same federation with smaller giants, or larger ones: a client above the cap keeps its first examples.
     *
     * @param maxExamples the largest number of examples of one client, training and test, at least 2
     * @return a changed copy
     * @throws IllegalArgumentException if {@code maxExamples} is below 2, or its features would not fit an array
     */
    public SyntheticFederation withMaxExamples(int maxExamples) {
        if (maxExamples < 2 || maxExamples > LONGEST / FEATURES) {
            throw new IllegalArgumentException("maxExamples must be in [2, " + LONGEST / FEATURES
                    + "], what an array of features can hold, but was " + maxExamples);
        }
        return new SyntheticFederation(spread, seed, maxExamples);
    }

    /**
     * How many examples a client has, without generating them.
     *
     * @param client at least 0
     * @return training and test together, at least 2
     * @throws IllegalArgumentException if the client is negative
     */
    public int size(int client) {
        double z = random(client, "synthetic/size").nextGaussian();
        double size = MIN_EXAMPLES + Math.floor(StrictMath.exp(LOG_MEAN + LOG_SIGMA * z));
        return (int) Math.min(maxExamples, size);
    }

    /**
     * Generates a client's data.
     *
     * @param client at least 0
     * @return its examples, features of shape [{@value #FEATURES}], {@value #CLASSES} classes, 90 % for training
     * @throws IllegalArgumentException if the client is negative
     */
    public TrainTest client(int client) {
        int n = size(client);
        double[] model = model(client);
        float[] features = features(client, n);
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = label(model, features, i * FEATURES);
        }
        Examples all = Examples.classified(features, labels, CLASSES, FEATURES);
        int training = (int) (n * 9L / 10);
        return new TrainTest(
                all.select(IntStream.range(0, training).toArray()),
                all.select(IntStream.range(training, n).toArray()));
    }

    /** A client's model, row by row, weights then bias: {@code CLASSES * (FEATURES + 1)} values. */
    double[] model(int client) {
        if (spread == null) {
            return model(0, new DeterministicRandom(Seeds.derive(seed, "synthetic/model")));
        }
        DeterministicRandom random = random(client, "synthetic/model");
        return model(spread.alpha() * random.nextGaussian(), random);
    }

    private static double[] model(double mean, DeterministicRandom random) {
        double[] model = new double[CLASSES * (FEATURES + 1)];
        for (int i = 0; i < model.length; i++) {
            model[i] = mean + random.nextGaussian();
        }
        return model;
    }

    private float[] features(int client, int n) {
        double[] mean = featureMeans(client);
        double[] deviation = new double[FEATURES];
        for (int j = 0; j < FEATURES; j++) {
            deviation[j] = StrictMath.pow(j + 1, -VARIANCE_DECAY / 2);
        }
        DeterministicRandom random = random(client, "synthetic/features");
        float[] features = new float[n * FEATURES];
        for (int i = 0; i < features.length; i++) {
            int j = i % FEATURES;
            features[i] = (float) (mean[j] + deviation[j] * random.nextGaussian());
        }
        return features;
    }

    private double[] featureMeans(int client) {
        double[] mean = new double[FEATURES];
        if (spread != null) {
            DeterministicRandom random = random(client, "synthetic/means");
            double centre = spread.beta() * random.nextGaussian();
            for (int j = 0; j < FEATURES; j++) {
                mean[j] = centre + random.nextGaussian();
            }
        }
        return mean;
    }

    /** Softmax is monotone, so the largest score decides; the lowest class among equals. */
    private static int label(double[] model, float[] features, int at) {
        int best = 0;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < CLASSES; c++) {
            int row = c * (FEATURES + 1);
            double score = model[row + FEATURES];
            for (int j = 0; j < FEATURES; j++) {
                score += model[row + j] * features[at + j];
            }
            if (score > bestScore) {
                bestScore = score;
                best = c;
            }
        }
        return best;
    }

    private DeterministicRandom random(int client, String purpose) {
        Check.atLeast("client", client, 0);
        return new DeterministicRandom(Seeds.derive(seed, 0, Integer.toString(client), purpose));
    }

    @Override
    public String toString() {
        return "SyntheticFederation["
                + (spread == null ? "IID" : "alpha=" + spread.alpha() + ", beta=" + spread.beta())
                + ", seed=" + seed + ", maxExamples=" + maxExamples + "]";
    }

    /**
     * How much the clients of a {@link SyntheticFederation} differ: the pair in "Synthetic(alpha, beta)".
     *
     * <p>Both are <em>standard deviations</em>: {@code u_k ~ N(0, alpha^2)} and {@code B_k ~ N(0, beta^2)}. The paper
     * writes N(0, alpha) without saying which; the authors' code passes alpha and beta as standard deviations. For its
     * values 0 and 1 this makes no difference, for 0.5 it does.
     *
     * @param alpha how much the clients' models differ, at least 0
     * @param beta how much the clients' features differ, at least 0
     */
    public record Spread(double alpha, double beta) {

        /**
         * Checks the range.
         *
         * @param alpha how much the clients' models differ, at least 0
         * @param beta how much the clients' features differ, at least 0
         * @throws IllegalArgumentException if one is negative or not finite
         */
        public Spread {
            require("alpha", alpha);
            require("beta", beta);
        }

        private static void require(String what, double value) {
            Check.notNegative(what, value);
        }
    }
}
