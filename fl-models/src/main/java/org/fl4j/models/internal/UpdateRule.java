package org.fl4j.models.internal;

/**
 * How one parameter steps: the mean gradient, plus {@code l1 sign(w) + l2 w}, goes through the optimizer; the step is that
 * plus {@code decay w}, times the rate if told so.
 *
 * @param optimizer of this parameter
 * @param l1 at least 0
 * @param l2 at least 0
 * @param decay weight decay, at least 0
 * @param decayTimesRate whether the decay is multiplied by the learning rate
 */
public record UpdateRule(Optimizer optimizer, double l1, double l2, double decay, boolean decayTimesRate) {

    /** Plain SGD without terms. */
    public static final UpdateRule SGD = new UpdateRule(new Optimizer.Sgd(), 0, 0, 0, false);

    boolean isPlainSgd() {
        return optimizer instanceof Optimizer.Sgd && l1 == 0 && l2 == 0 && decay == 0;
    }
}
