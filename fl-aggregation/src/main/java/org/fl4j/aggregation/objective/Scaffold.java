package org.fl4j.aggregation.objective;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.binary.ComponentState;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveId;
import org.fl4j.model.ModelDelta;

/**
 * SCAFFOLD: clients correct their drift by control variates, estimates of where their own gradients (c_i) and everybody's
 * (c) point,
 *
 * <pre>  local step:   y &lt;- y - rate * (g_i(y) - c_i + c)
 *  after K steps: c_i+ = c_i - c + (x - y) / (K rate)                       (option II)
 *  server:       x &lt;- x + aggregate,   c &lt;- c + |S| / N * mean_S (c_i+ - c_i)</pre>
 *
 * <p>with N the population and S the clients whose updates arrived. The aggregate is the wrapped rule's; a server
 * optimizer is the paper's global step size. The segments are the wrapped rule's and {@value #CONTROL}, {@code [d]},
 * the sum of c_i+ - c_i; c is kept in FP64 in the rule's state and sent in every task. Of STATISTIC parameters variates
 * are zero. In the first round all variates are zero and the aggregate is the wrapped rule's, bit for bit.
 *
 * <p>Clients need {@link #localObjective()} among their objectives, and one {@code ClientStateStore} given to them
 * ({@code LocalObjectives.rememberingIn}) and to the server ({@code clientStates}): it holds c_i, one vector of the
 * layout's dtype for each client that ever took part. A client whose model trains with another optimizer than plain SGD
 * fails with a message.
 *
 * <p>Immutable and thread-safe. Privacy: c_i+ - c_i is as revealing as the delta.
 *
 * <p>Source: Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, "SCAFFOLD: Stochastic Controlled Averaging for Federated
 * Learning", ICML 2020, algorithm 1.
 */
public final class Scaffold implements LinearAggregator {

    /** The name of the segment, and of the vector in tasks and updates, that holds control variates: {@value}. */
    static final String CONTROL = "control";

    private static final String KIND = "scaffold";
    private static final int VERSION = 1;
    private static final String RULE = "rule";
    private static final ObjectiveId OBJECTIVE = new ObjectiveId(ScaffoldObjective.NAME, new TreeMap<>());

    private final LinearAggregator rule;

    private Scaffold(LinearAggregator rule) {
        this.rule = rule;
    }

    /**
     * SCAFFOLD over the uniform mean, as in the paper.
     *
     * @return the rule
     */
    public static Scaffold uniform() {
        return on(FedAvg.uniform());
    }

    /**
     * SCAFFOLD over another linear rule, such as {@code FedAvg.byExamples()}.
     *
     * @param rule how deltas combine
     * @return the rule
     * @throws IllegalArgumentException if the rule carries an objective already, or is private: control variates would
     *     leave without noise
     */
    public static Scaffold on(LinearAggregator rule) {
        if (rule.guard().isPresent()) {
            throw new IllegalArgumentException(
                    "control variates would leave a private rule without noise. Provided value: " + rule);
        }
        return new Scaffold(FedProx.plain(rule));
    }

    /**
     * The clients' side.
     *
     * @return for {@code LocalObjectives.of}
     */
    public static LocalObjective localObjective() {
        return new ScaffoldObjective();
    }

    @Override
    public ObjectiveId objective() {
        return OBJECTIVE;
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        Map<String, ModelDelta> vectors = new HashMap<>(rule.taskVectors(inner(context)));
        vectors.put(CONTROL, ModelDelta.of(context.layout(), control(context)));
        return vectors;
    }

    @Override
    public List<Segment> segments(RoundContext context) {
        List<Segment> segments = new ArrayList<>(rule.segments(inner(context)));
        segments.add(Segment.unbounded(CONTROL, context.layout().length()));
        return segments;
    }

    @Override
    public UpdateEncoder encoder(RoundContext context) {
        return new Encoder(rule.encoder(inner(context)));
    }

    @Override
    public AggregationResult decode(Summand total, RoundContext context) {
        AggregationResult result = rule.decode(total, inner(context));
        double[] control = control(context);
        double[] change = total.toArray(CONTROL);
        for (int i = 0; i < control.length; i++) {
            control[i] += change[i] / context.population();
        }
        ComponentState state =
                ComponentState.of(KIND, VERSION).with(CONTROL, control).with(RULE, result.state());
        return new AggregationResult(result.aggregate(), state, result.metrics());
    }

    @Override
    public String toString() {
        return "Scaffold on " + rule;
    }

    private static RoundContext inner(RoundContext context) {
        ComponentState state = context.state().expect(KIND, VERSION);
        return context.withState(state.isEmpty() ? ComponentState.EMPTY : state.state(RULE));
    }

    private static double[] control(RoundContext context) {
        ComponentState state = context.state().expect(KIND, VERSION);
        return state.isEmpty() ? new double[context.layout().length()] : state.doubles(CONTROL);
    }

    private record Encoder(UpdateEncoder inner) implements UpdateEncoder {

        @Override
        public Optional<String> refusal(ClientUpdate update) {
            return update.vector(CONTROL).isPresent()
                    ? inner.refusal(update)
                    : Optional.of("SCAFFOLD needs the vector '" + CONTROL + "' but the update has "
                            + new TreeSet<>(update.vectors().keySet()));
        }

        @Override
        public void encode(ClientUpdate update, Summand into) {
            inner.encode(update, into);
            into.add(CONTROL, update.vector(CONTROL).orElseThrow(), 1);
        }
    }
}
