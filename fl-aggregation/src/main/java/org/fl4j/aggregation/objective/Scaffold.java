package org.fl4j.aggregation.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * SCAFFOLD: clients correct their drift by control variates, estimates of the direction of their own gradients (c_i) and of all
 * clients' (c),
 *
 * <pre>  local step:   y &lt;- y - rate * (g_i(y) - c_i + c)
 *  after K steps: c_i+ = c_i - c + (x - y) / (K rate)                       (option II)
 *  server:       x &lt;- x + mean_S (y_i - x),   c &lt;- c + |S| / N * mean_S (c_i+ - c_i)</pre>
 *
 * <p>with N the population and S the clients whose updates arrived; a server optimizer is the paper's global step size.
 * The segments are those of {@link FedAvg} and {@code control} {@code [d]}, the weighted sum of c_i+ - c_i, and
 * {@code clients} {@code [1]}, their number; c is kept in FP64 in the rule's state and sent in every task. Of STATISTIC
 * parameters variates are zero. In the first round all variates are zero and the result is FedAvg's, bit for bit.
 *
 * <p>c_i is in the clients' {@code ClientStateStore}, one vector of the layout's dtype for each client that ever took part,
 * so they must train in the server's JVM ({@code Population.over}, {@code ClientProvider.local}). A client whose model trains with
 * another optimizer than plain SGD fails with a message.
 *
 * <p>Immutable and thread-safe. Privacy: c_i+ - c_i is as revealing as the delta.
 *
 * <p>Source: Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, "SCAFFOLD: Stochastic Controlled Averaging for Federated
 * Learning", ICML 2020, algorithm 1.
 *
 * @implNote the paper's means are uniform, and so is the mean loss that it minimises. With other weights both means use
 *     them, so that c estimates the gradient of the loss weighted alike; under partial participation the estimate is off
 *     by as much as the cohorts' weights differ.
 */
public final class Scaffold implements LinearAggregator {

    /** The name of the segment, and of the vector in tasks and updates, that holds control variates. */
    static final String CONTROL = "control";

    private static final String CLIENTS = "clients";
    private static final String KIND = "scaffold";
    private static final int VERSION = 1;
    private static final ObjectiveSpec OBJECTIVE = new ObjectiveSpec(ScaffoldObjective.NAME, new TreeMap<>());

    private final FedAvg mean;

    private Scaffold(FedAvg mean) {
        this.mean = mean;
    }

    /** SCAFFOLD that weights all clients equally, as in the paper. */
    public static Scaffold uniform() {
        return on(FedAvg.uniform());
    }

    /** SCAFFOLD with the weights of another mean, such as {@code FedAvg.byExamples()}. */
    public static Scaffold on(FedAvg mean) {
        return new Scaffold(mean);
    }

    @Override
    public Optional<LocalObjective> localObjective() {
        return Optional.of(new ScaffoldObjective());
    }

    @Override
    public ObjectiveSpec objective() {
        return OBJECTIVE;
    }

    @Override
    public LinearRound begin(RoundContext context) {
        LinearRound deltas = mean.begin(context);
        List<Segment> segments = new ArrayList<>(deltas.segments());
        segments.add(Segment.unbounded(CONTROL, context.layout().length()));
        segments.add(Segment.bounded(CLIENTS, 1, 1));
        return new Round(deltas, List.copyOf(segments), new Encoder(mean, deltas.encoder()), context);
    }

    @Override
    public String toString() {
        return "Scaffold on " + mean;
    }

    /** The mean of the deltas, and beside it the sum of what changed in the clients' control variates. */
    private record Round(LinearRound deltas, List<Segment> segments, UpdateEncoder encoder, RoundContext context)
            implements LinearRound {

        @Override
        public Map<String, ModelDelta> taskVectors() {
            return Map.of(CONTROL, ModelDelta.of(context.layout(), control()));
        }

        @Override
        public Aggregation.Result decode(Summand total) {
            double share = total.get(CLIENTS, 0) / context.population();
            double perWeight = share / total.get(Segment.WEIGHT, 0);
            double[] control = control();
            double[] change = total.toArray(CONTROL);
            for (int i = 0; i < control.length; i++) {
                control[i] += perWeight * change[i];
            }
            ModelDelta aggregate = deltas.decode(total).aggregate();
            return new Aggregation.Result(
                    aggregate, ComponentState.of(KIND, VERSION).with(CONTROL, control), Map.of());
        }

        private double[] control() {
            ComponentState state = context.state().expect(KIND, VERSION);
            return state.isEmpty() ? new double[context.layout().length()] : state.doubles(CONTROL);
        }
    }

    private record Encoder(FedAvg mean, UpdateEncoder ofDeltas) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            ModelDelta change = update.vector(CONTROL)
                    .orElseThrow(() -> new UpdateRejectedException(
                            "SCAFFOLD needs the vector '" + CONTROL + "' but the update has "
                                    + new TreeSet<>(update.vectors().keySet())));
            Contribution delta = ofDeltas.encode(update);
            double weight = mean.weight(update);
            return sum -> {
                delta.addTo(sum);
                sum.add(CONTROL, change, weight);
                sum.add(CLIENTS, 0, 1);
            };
        }
    }
}
