package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;

/** Of a private round neither a contribution in the clear nor the sum before its noise is kept. */
class ErasedSumTest {

    private static final int N = 3;

    private final List<Summand> contributions = new ArrayList<>();
    private final List<Summand> totals = new ArrayList<>();

    @Test
    void contributionsAndTheirSumAreErased() {
        check(new Drill(SecureSum.on(seen()), N, 2, ErasedSumTest::values).run(1));
    }

    @Test
    void amongServersToo() {
        check(new SharedDrill(SharedSum.on(seen()), 2, N, 2, ErasedSumTest::values).run(1));
    }

    private LinearAggregator seen() {
        return new Seen(GaussianMechanism.on(ClippedMean.fixed(8), 0));
    }

    private static double[] values(int client) {
        return new double[] {1 + client, -2};
    }

    private void check(SecureRound.Outcome outcome) {
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, outcome);

        assertArrayEquals(new double[] {2, -2}, values(recovered), 1e-3);
        assertEquals(N, contributions.size());
        contributions.forEach(contribution -> assertArrayEquals(new double[2], contribution.toArray()));
        Summand total = totals.get(0);
        assertArrayEquals(
                new double[2], total.withNoise(total.segments(), new double[2]).toArray());
    }

    private static double[] values(SecureRound.Recovered recovered) {
        return new double[] {
            recovered.result().aggregate().get(0),
            recovered.result().aggregate().get(1)
        };
    }

    /** A rule that keeps what it is given. */
    private final class Seen implements LinearAggregator {

        private final LinearAggregator rule;

        Seen(LinearAggregator rule) {
            this.rule = rule;
        }

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return rule.guard();
        }

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound round = rule.begin(context);
            return LinearRound.of(
                    round.segments(),
                    update -> sum -> {
                        round.encoder().encode(update).addTo(sum);
                        contributions.add(sum);
                    },
                    total -> {
                        totals.add(total);
                        return round.decode(total);
                    });
        }
    }
}
