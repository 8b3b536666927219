package org.fl4j.aggregation.objective;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/**
 * FedDyn: clients add a linear and a quadratic term to their loss that change from round to round so that what all
 * clients agree on is a minimum of the mean loss,
 *
 * <pre>  client:  y_k = argmin F_k(y) - &lt;h_k, y&gt; + alpha / 2 * ||y - x||^2,   h_k &lt;- h_k - alpha (y_k - x)
 *  server:  h &lt;- h - alpha / N * sum_S (y_k - x),   x &lt;- mean_S y_k - h / alpha</pre>
 *
 * <p>with N the population and S the clients whose updates arrived: the aggregate is the uniform mean of the deltas minus
 * h / alpha. Local training, with any optimizer, is the argmin as far as it goes. Two segments: {@code delta},
 * {@code [d]}, unbounded, and {@code weight}, {@code [1]}; h is kept in FP64 in the rule's state. STATISTIC parameters
 * are averaged; no h acts on them.
 *
 * <p>h_k is in the clients' {@code ClientStateStore}, so they must train in the server's JVM ({@code Population.over},
 * {@code ClientProvider.local}).
 *
 * <p>Immutable and thread-safe. Privacy: under a direct server each update is seen in the clear.
 *
 * <p>Source: Acar, Zhao, Matas, Mattina, Whatmough, Saligrama, "Federated Learning Based on Dynamic Regularization",
 * ICLR 2021, algorithm 1.
 */
public final class FedDyn implements LinearAggregator {

    private static final String KIND = "feddyn";
    private static final int VERSION = 1;
    private static final String H = "h";

    private final double alpha;
    private final ObjectiveSpec objective;

    private FedDyn(double alpha) {
        this.alpha = alpha;
        this.objective = DynamicObjective.id(alpha);
    }

    /**
     * Returns the rule.
     *
     * @param alpha the strength of the terms; the paper uses 0.001 to 0.1
     * @throws IllegalArgumentException unless alpha is above 0 and finite
     */
    public static FedDyn of(double alpha) {
        return new FedDyn(alpha);
    }

    @Override
    public Optional<LocalObjective> localObjective() {
        return Optional.of(new DynamicObjective());
    }

    @Override
    public ObjectiveSpec objective() {
        return objective;
    }

    @Override
    public LinearRound begin(RoundContext context) {
        return LinearRound.of(
                List.of(
                        Segment.unbounded(Segment.DELTA, context.layout().length()),
                        Segment.bounded(Segment.WEIGHT, 1, 1)),
                FedDyn::encode,
                total -> decode(total, context));
    }

    private static UpdateEncoder.Contribution encode(ClientUpdate update) {
        return sum -> {
            sum.add(Segment.DELTA, update.delta(), 1);
            sum.add(Segment.WEIGHT, 0, 1);
        };
    }

    private Aggregation.Result decode(Summand total, RoundContext context) {
        ComponentState before = context.state().expect(KIND, VERSION);
        double[] h = before.isEmpty() ? new double[context.layout().length()] : before.doubles(H);
        double[] step = total.toArray(Segment.DELTA);
        for (ParameterLayout.Span span : context.layout().trainable()) {
            for (int i = span.from(); i < span.to(); i++) {
                h[i] -= alpha / context.population() * step[i];
            }
        }
        double clients = total.get(Segment.WEIGHT, 0);
        for (int i = 0; i < step.length; i++) {
            step[i] = step[i] / clients - h[i] / alpha;
        }
        ComponentState after = ComponentState.of(KIND, VERSION).with(H, h);
        return new Aggregation.Result(ModelDelta.of(context.layout(), step), after, Map.of());
    }

    @Override
    public String toString() {
        return "FedDyn(alpha=" + alpha + ")";
    }
}
