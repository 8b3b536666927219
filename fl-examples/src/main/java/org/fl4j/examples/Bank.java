package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.data.Examples;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * A bank with card payments, about one in a thousand of which is a fraud. The data are generated, so that the best there is is known:
 *
 * <pre>
 * honest:             x ~ N(0, I) in {@value #FEATURES} dimensions, the same at every bank
 * a fraud of kind k:  x ~ N(m_k, I), m_k = {@value #SHIFT} / sqrt(2) in features 2k and 2k + 1 and 0 elsewhere, k = 0..3
 * share of frauds:    from {@value #LOWEST} to {@value #HIGHEST} in a thousand, another at each bank
 * kinds of frauds:    bank b has {@value #FAVOURITE} of its frauds of kind b mod 4, and equally many of the other three
 * </pre>
 *
 * Payments are ranked best by their odds, the ratio of the two densities (Neyman and Pearson 1933), which no curve of precision over recall
 * lies above (Davis and Goadrich, ICML 2006); as averages over the payments that could be drawn, not for each drawing.
 */
final class Bank {

    static final int FEATURES = 8;

    private static final int KINDS = 4;
    private static final int SHIFTED = FEATURES / KINDS;
    private static final double SHIFT = 4;
    private static final double LOWEST = 0.5;
    private static final double HIGHEST = 1.5;
    private static final double FAVOURITE = 0.55;

    private final Examples training;
    private final Examples test;
    private final double[] odds;

    private Bank(Examples training, Examples test, double[] odds) {
        this.training = training;
        this.test = test;
        this.odds = odds;
    }

    /** Payments, class 1 the frauds. */
    Examples training() {
        return training;
    }

    /** Others. */
    Examples test() {
        return test;
    }

    /** Of each test payment, given this bank's shares. */
    double[] odds() {
        return odds.clone();
    }

    /** What decides a bank's payments: the share of frauds, and of each kind among them. */
    private static final class Habits {

        private final double frauds;
        private final double[] kinds;

        Habits(double frauds, double[] kinds) {
            this.frauds = frauds;
            this.kinds = kinds;
        }

        static Habits of(int bank, int banks) {
            double inThousand = LOWEST + (HIGHEST - LOWEST) * (banks == 1 ? 0.5 : bank / (banks - 1.0));
            double[] kinds = new double[KINDS];
            for (int k = 0; k < KINDS; k++) {
                kinds[k] = k == bank % KINDS ? FAVOURITE : (1 - FAVOURITE) / (KINDS - 1);
            }
            return new Habits(inThousand / 1000, kinds);
        }

        int kind(double uniform) {
            double sum = 0;
            for (int k = 0; k < KINDS - 1; k++) {
                sum += kinds[k];
                if (uniform < sum) {
                    return k;
                }
            }
            return KINDS - 1;
        }

        /** frauds / (1 - frauds) sum_k kinds_k N(x; m_k, I) / N(x; 0, I). */
        double odds(float[] x, int at) {
            double ratio = 0;
            for (int k = 0; k < KINDS; k++) {
                double along = 0;
                for (int j = k * SHIFTED; j < (k + 1) * SHIFTED; j++) {
                    along += x[at + j] * SHIFT / Math.sqrt(SHIFTED);
                }
                ratio += kinds[k] * Math.exp(along - SHIFT * SHIFT / 2);
            }
            return ratio * frauds / (1 - frauds);
        }
    }

    static List<Bank> generated(int banks, int payments, long seed) {
        List<Bank> all = new ArrayList<>();
        for (int bank = 0; bank < banks; bank++) {
            Habits habits = Habits.of(bank, banks);
            Examples training = payments(payments, habits, Seeds.derive(seed, 0, "bank-" + bank, "training"));
            Examples test = payments(payments, habits, Seeds.derive(seed, 0, "bank-" + bank, "test"));
            double[] odds = new double[payments];
            float[] x = new float[FEATURES];
            for (int i = 0; i < payments; i++) {
                test.copyFeatures(i, x, 0);
                odds[i] = habits.odds(x, 0);
            }
            all.add(new Bank(training, test, odds));
        }
        return all;
    }

    /** The frauds come first, as many as are expected and at least one. */
    private static Examples payments(int n, Habits habits, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] features = new float[n * FEATURES];
        int[] labels = new int[n];
        long frauds = Math.max(1, Math.round(n * habits.frauds));
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < FEATURES; j++) {
                features[i * FEATURES + j] = (float) random.nextGaussian();
            }
            if (i < frauds) {
                labels[i] = 1;
                int kind = habits.kind(random.nextDouble());
                for (int j = kind * SHIFTED; j < (kind + 1) * SHIFTED; j++) {
                    features[i * FEATURES + j] += (float) (SHIFT / Math.sqrt(SHIFTED));
                }
            }
        }
        return Examples.classified(features, labels, 2, FEATURES);
    }

    /** Which of the test payments are frauds. */
    boolean[] testFrauds() {
        boolean[] frauds = new boolean[test.size()];
        for (int i = 0; i < frauds.length; i++) {
            frauds[i] = test.label(i) == 1;
        }
        return frauds;
    }

    /** How many of the test payments are frauds. */
    long frauds() {
        return IntStream.range(0, test.size()).filter(i -> test.label(i) == 1).count();
    }
}
