package org.fl4j.aggregation.objective;

import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ObjectiveSpec;

/**
 * FedProx: clients minimise their loss plus a proximal term that holds them near the global weights w,
 *
 * <pre>  h_k(x) = F_k(x) + mu / 2 * ||x - w||^2,   so each mini-batch gradient gets + mu (x - w).</pre>
 *
 * <p>It limits client drift on non-IID data and allows unequal amounts of local work. The server combines as the
 * wrapped rule does; the result is as bounded, linear or direct as that rule. mu = 0 is the wrapped rule, bit for bit.
 * STATISTIC parameters are not pulled.
 *
 * <p>Clients need {@code GradientModel}s. In the server's JVM they get the proximal term from the rule; elsewhere from
 * {@link StandardObjectives#all()}.
 *
 * <p>Immutable and thread-safe. Privacy: that of the wrapped rule.
 *
 * <p>Source: Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith, "Federated Optimization in Heterogeneous Networks", MLSys 2020,
 * equation 2 and algorithm 2.
 *
 * @implNote the paper selects clients in proportion to their data and averages uniformly; its authors' code, like most,
 *     selects uniformly and averages by examples, and {@link #of} does the latter.
 */
public final class FedProx {

    private FedProx() {}

    /**
     * FedProx over federated averaging by examples.
     *
     * @param mu the strength of the proximal term; the paper's grid is 0.001, 0.01, 0.1, 1
     * @throws IllegalArgumentException unless mu is at least 0 and finite
     */
    public static LinearAggregator of(double mu) {
        return on(FedAvg.byExamples(), mu);
    }

    /**
     * FedProx over a rule that needs each update, such as Krum.
     *
     * @throws IllegalArgumentException unless mu is at least 0 and finite, or if the rule carries an objective already
     */
    public static DirectAggregator on(DirectAggregator rule, double mu) {
        return new RuleWithObjective.Direct(plain(rule), ProximalObjective.id(mu), new ProximalObjective());
    }

    /**
     * FedProx over a linear rule; the result is linear.
     *
     * @throws IllegalArgumentException unless mu is at least 0 and finite, or if the rule carries an objective already
     */
    public static LinearAggregator on(LinearAggregator rule, double mu) {
        return new RuleWithObjective.Linear(plain(rule), ProximalObjective.id(mu), new ProximalObjective());
    }

    /**
     * FedProx over a bounded rule; the result is bounded, so noise can be put on it.
     *
     * @throws IllegalArgumentException unless mu is at least 0 and finite, or if the rule carries an objective already
     */
    public static BoundedAggregator on(BoundedAggregator rule, double mu) {
        return new RuleWithObjective.Bounded(plain(rule), ProximalObjective.id(mu), new ProximalObjective());
    }

    /** A rule with an objective of its own would lose it silently. */
    static <A extends Aggregator> A plain(A rule) {
        if (!rule.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)) {
            throw new IllegalArgumentException("the rule must not carry an objective of its own, but was " + rule
                    + "; its objective is " + rule.objective());
        }
        return rule;
    }
}
