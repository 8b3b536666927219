package org.fl4j.server.evaluation;

import java.util.OptionalDouble;
import org.fl4j.server.report.RoundResult;

/** A metric that the rounds' reports have. */
record ReportedMeasure(String name, boolean higherIsBetter) implements Measure {

    @Override
    public OptionalDouble of(RoundResult.Advanced result) {
        Double value = result.report().metrics().get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    @Override
    public String toString() {
        return "the reported " + name;
    }
}
