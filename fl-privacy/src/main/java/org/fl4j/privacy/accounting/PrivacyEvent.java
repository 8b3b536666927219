package org.fl4j.privacy.accounting;

import java.util.Arrays;
import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release: what an accountant has to know of its mechanism.
 *
 * <p>An event stands for every mechanism with the property its record states; what an accountant answers of it holds for the worst
 * of them. Several values computed from <em>one</em> sample are one release: {@link #joint}, never several events.
 *
 * <p>Each record has a bound of the Renyi divergence, and most have a privacy loss distribution as well: which ones, and against
 * which neighbours, is in the table of {@code docs/differential-privacy.md}. Immutable and thread-safe.
 */
public sealed interface PrivacyEvent extends Comparable<PrivacyEvent>
        permits SampledGaussian,
                NearGaussian,
                VectorSkellam,
                LatticeNoise,
                Laplace,
                RandomizedResponse,
                GaussianWithoutReplacement,
                GaussianMixture {

    /**
     * A Gaussian release to which every client contributes.
     *
     * @param noiseMultiplier z, at least 0 and finite
     * @return the event with q = 1
     * @throws IllegalArgumentException if z is out of its range
     */
    static SampledGaussian unsampled(double noiseMultiplier) {
        return new SampledGaussian(noiseMultiplier, 1);
    }

    /**
     * Several segments of one release, each noised by its own multiplier z_j: one Gaussian with
     *
     * <pre>  1/z^2 = sum_j 1/z_j^2.</pre>
     *
     * <p>Where the release is sampled, one sample serves all segments; charging them as several sampled events would
     * under-count.
     *
     * @param noiseMultipliers z_j, each at least 0 and finite; at least one
     * @return the event with q = 1
     * @throws IllegalArgumentException if there is no segment or a number is out of its range
     */
    static SampledGaussian joint(double... noiseMultipliers) {
        if (noiseMultipliers.length == 0) {
            throw new IllegalArgumentException("noise multipliers of joint must be at least 1, but was 0");
        }
        double smallest = Double.POSITIVE_INFINITY;
        for (double z : noiseMultipliers) {
            smallest = Math.min(smallest, Check.notNegative("noiseMultiplier", z));
        }
        if (smallest == 0) {
            return unsampled(0);
        }
        double squares = 0;
        for (double z : noiseMultipliers) {
            squares += (smallest / z) * (smallest / z);
        }
        return unsampled(smallest / Math.sqrt(squares));
    }

    /**
     * The same release over a Poisson sample: each contributor takes part with probability q, independently of the others.
     *
     * @param samplingProbability q, in [0, 1], of each contributor
     * @return the sampled event; this one, which costs more, where nothing is known of its amplification
     * @throws IllegalArgumentException if q is out of its range
     */
    PrivacyEvent poisson(double samplingProbability);

    /** The same release as an observer sees it who knows the sample. */
    PrivacyEvent withoutSampling();

    /** Which neighbours the event is about; a composition holds events of one adjacency. */
    default Adjacency adjacency() {
        return Adjacency.EITHER;
    }

    /**
     * The epsilon at privacyDelta 0: the largest loss of any output.
     *
     * @return at least 0; infinity for the kinds of which any loss is possible
     */
    default double pureEpsilon() {
        return revealsNothing() ? 0 : Double.POSITIVE_INFINITY;
    }

    /** Whether outputs do not depend on the contributor at all. */
    boolean revealsNothing();

    /**
     * At least the Renyi divergence between neighbours, in both directions.
     *
     * @param order alpha, above 1 and finite
     * @return at least 0; infinity where nothing is bounded
     * @throws IllegalArgumentException if the order is out of range
     */
    double rdp(double order);

    /**
     * The name of the kind of event, for programs.
     *
     * @return in camel case
     */
    String kind();

    /**
     * The event's figures by their names, which with its kind are all there is to it.
     *
     * @return in their order
     */
    Map<String, Double> figures();

    /**
     * The event for people, as a privacy statement says after "with".
     *
     * @return a phrase
     */
    String text();

    /** Orders by kind, then by figures. */
    @Override
    default int compareTo(PrivacyEvent other) {
        int kinds = kind().compareTo(other.kind());
        return kinds != 0 ? kinds : Arrays.compare(values(this), values(other));
    }

    private static double[] values(PrivacyEvent event) {
        return event.figures().values().stream().mapToDouble(x -> x).toArray();
    }
}
