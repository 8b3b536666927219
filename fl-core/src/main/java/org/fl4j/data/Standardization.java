package org.fl4j.data;

/**
 * Brings each feature to mean 0 and standard deviation 1, with the statistics of some training examples:
 *
 * <pre>{@code
 * Standardization own = Standardization.of(hospital.training());
 * Examples training = own.apply(hospital.training());
 * Examples test = own.apply(hospital.test());             // the test never decides the statistics
 * }</pre>
 *
 * <p>In a federation each client may use its own statistics, which no one else has to learn, or all use those of the pooled
 * data, which have to be agreed upon first.
 *
 * <ul>
 *   <li>The deviation is the population's, {@code sqrt(sum (x - mean)^2 / n)}, in FP64.
 *   <li>A feature that is the same in all training examples is only shifted: its deviation counts as 1.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class Standardization {

    private final double[] mean;
    private final double[] deviation;

    private Standardization(double[] mean, double[] deviation) {
        this.mean = mean;
        this.deviation = deviation;
    }

    /**
     * Learns mean and deviation of every feature.
     *
     * @param training at least one example
     * @return the standardization
     * @throws IllegalArgumentException if there is no example
     */
    public static Standardization of(Examples training) {
        int n = training.size();
        if (n == 0) {
            throw new IllegalArgumentException("statistics need at least one example");
        }
        double[] mean = new double[training.featureLength()];
        double[] squares = new double[mean.length];
        float[] first = new float[mean.length];
        training.copyFeatures(0, first, 0);
        boolean[] varies = new boolean[mean.length];
        float[] row = new float[mean.length];
        for (int i = 0; i < n; i++) {
            training.copyFeatures(i, row, 0);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += row[j] / (double) n;
                varies[j] |= row[j] != first[j];
            }
        }
        for (int i = 0; i < n; i++) {
            training.copyFeatures(i, row, 0);
            for (int j = 0; j < mean.length; j++) {
                squares[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / n;
            }
        }
        for (int j = 0; j < mean.length; j++) {
            // The mean of equal values is off by rounding, which is no deviation to divide by.
            mean[j] = varies[j] ? mean[j] : first[j];
            squares[j] = varies[j] ? Math.sqrt(squares[j]) : 1;
        }
        return new Standardization(mean, squares);
    }

    /**
     * Standardizes examples.
     *
     * @param examples with as many features as the training examples, labelled with classes
     * @return copies, in the same order
     * @throws IllegalArgumentException if they have more or fewer features
     */
    public Examples apply(Examples examples) {
        if (examples.featureLength() != mean.length) {
            throw new IllegalArgumentException("expected " + mean.length + " features, but was " + examples);
        }
        float[] features = new float[examples.size() * mean.length];
        int[] labels = new int[examples.size()];
        for (int i = 0; i < labels.length; i++) {
            int at = i * mean.length;
            examples.copyFeatures(i, features, at);
            for (int j = 0; j < mean.length; j++) {
                features[at + j] = (float) ((features[at + j] - mean[j]) / deviation[j]);
            }
            labels[i] = examples.label(i);
        }
        long[] shape =
                examples.featureShape().stream().mapToLong(Long::longValue).toArray();
        return Examples.classified(features, labels, examples.labelLength(), shape);
    }
}
