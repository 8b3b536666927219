package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;

/** A rule whose aggregate is the plain sum of whole numbers in several segments, which the model's parameters go to in order. */
record SegmentsRule(List<Segment> parts) implements LinearAggregator {

    SegmentsRule {
        parts = List.copyOf(parts);
    }

    int length() {
        return parts.stream().mapToInt(part -> (int) part.length()).sum();
    }

    @Override
    public LinearRound begin(RoundContext context) {
        return LinearRound.of(
                parts,
                update -> sum -> add(update, sum),
                total -> Aggregation.Result.of(ModelDelta.of(context.layout(), total.toArray())));
    }

    private void add(ClientUpdate update, Summand into) {
        double[] all = new double[length()];
        update.delta().addTo(all, 0, 1);
        int at = 0;
        for (Segment part : parts) {
            int end = at + (int) part.length();
            into.add(part.name(), Arrays.copyOfRange(all, at, end));
            at = end;
        }
    }
}
