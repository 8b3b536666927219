package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.data.Examples;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * A machine with {@value #SENSORS} sensors. All machines of a kind work alike, but no two are mounted and calibrated alike. The data are
 * generated:
 *
 * <pre>
 * working:   s = tanh(W z) + {@value #NOISE} e,   z ~ N(0, I) in {@value #STATES} dimensions, e ~ N(0, I), W ~ N(0, 1) the same on all machines
 * read:      x_j = gain_j s_j + offset_j,   gain_j = exp({@value #GAINS} N(0, 1)), offset_j = {@value #OFFSETS} N(0, 1), this machine's own
 * anomaly:   {@value #BROKEN} of the sensors show what they showed at another moment
 * </pre>
 *
 * In an anomaly each sensor alone reads as usual: only how they go together is wrong.
 */
final class Machine {

    static final int SENSORS = 16;

    private static final int STATES = 4;
    private static final double NOISE = 0.1;
    private static final double GAINS = 0.3;
    private static final double OFFSETS = 2;
    private static final int BROKEN = 2;
    static final int ONE_IN = 20;

    private final Examples training;
    private final Examples test;
    private final boolean[] anomalies;

    private Machine(Examples training, Examples test, boolean[] anomalies) {
        this.training = training;
        this.test = test;
        this.anomalies = anomalies;
    }

    /** Readings of normal work, to be reconstructed: their targets are the readings. */
    Examples training() {
        return training;
    }

    /** Others; one in {@value #ONE_IN} is an anomaly. */
    Examples test() {
        return test;
    }

    /** Which of the test readings are anomalies. */
    boolean[] anomalies() {
        return anomalies.clone();
    }

    static List<Machine> generated(int machines, int readings, int tests, long seed) {
        double[][] kind = new double[SENSORS][STATES];
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "kind of machine"));
        for (double[] row : kind) {
            for (int k = 0; k < STATES; k++) {
                row[k] = random.nextGaussian();
            }
        }
        List<Machine> all = new ArrayList<>();
        for (int machine = 0; machine < machines; machine++) {
            all.add(generated(kind, readings, tests, Seeds.derive(seed, 0, "machine-" + machine, "readings")));
        }
        return all;
    }

    private static Machine generated(double[][] kind, int readings, int tests, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        double[] gain = new double[SENSORS];
        double[] offset = new double[SENSORS];
        for (int j = 0; j < SENSORS; j++) {
            gain[j] = Math.exp(GAINS * random.nextGaussian());
            offset[j] = OFFSETS * random.nextGaussian();
        }
        float[] training = new float[readings * SENSORS];
        for (int i = 0; i < readings; i++) {
            read(kind, random, training, i);
        }
        float[] test = new float[tests * SENSORS];
        boolean[] anomalies = new boolean[tests];
        for (int i = 0; i < tests; i++) {
            read(kind, random, test, i);
            anomalies[i] = i % ONE_IN == ONE_IN - 1;
            if (anomalies[i]) {
                int[] order = random.permutation(SENSORS);
                for (int b = 0; b < BROKEN; b++) {
                    test[i * SENSORS + order[b]] = test[(i - 1 - b) * SENSORS + order[b]];
                }
            }
        }
        for (float[] all : List.of(training, test)) {
            for (int i = 0; i < all.length; i++) {
                all[i] = (float) (gain[i % SENSORS] * all[i] + offset[i % SENSORS]);
            }
        }
        return new Machine(toBeReconstructed(training), toBeReconstructed(test), anomalies);
    }

    private static void read(double[][] kind, DeterministicRandom random, float[] into, int reading) {
        double[] z = new double[STATES];
        for (int k = 0; k < STATES; k++) {
            z[k] = random.nextGaussian();
        }
        for (int j = 0; j < SENSORS; j++) {
            double s = 0;
            for (int k = 0; k < STATES; k++) {
                s += kind[j][k] * z[k];
            }
            into[reading * SENSORS + j] = (float) (Math.tanh(s) + NOISE * random.nextGaussian());
        }
    }

    private static Examples toBeReconstructed(float[] readings) {
        return Examples.withTargets(readings, new long[] {SENSORS}, readings, new long[] {SENSORS});
    }
}
