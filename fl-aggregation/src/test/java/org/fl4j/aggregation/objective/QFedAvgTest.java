package org.fl4j.aggregation.objective;

import static org.fl4j.aggregation.objective.CurveFederation.CURVES;
import static org.fl4j.aggregation.objective.CurveFederation.RATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientUpdate;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QFedAvgTest {

    private static final RoundContext CONTEXT = Fixtures.context(Fixtures.layout(7));
    private static final ClientUpdate UPDATE =
            Fixtures.update(0, Rounds.random(1, 1, CONTEXT.layout()).get(0), 1);

    /** Algorithm 2 in the paper's letters: Delta_k = F_k^q L (w - w_k), h_k = q F_k^(q-1) ||L (w - w_k)||^2 + L F_k^q. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1, 3})
    void isAlgorithmTwo(double q) {
        double lipschitz = 1 / RATE;
        double[] w = CurveModel.values(CurveModel.START);
        double[] deltas = new double[CurveModel.DIMENSION];
        double steps = 0;
        for (Curve curve : CURVES) {
            double[] wk = w.clone();
            for (int step = 0; step < 10; step++) {
                double[] at = wk.clone();
                for (int j = 0; j < deltas.length; j++) {
                    wk[j] -= RATE * curve.gradient(at, j);
                }
            }
            double f = curve.loss(w);
            double norm2 = 0;
            for (int j = 0; j < deltas.length; j++) {
                double dw = lipschitz * (w[j] - wk[j]);
                deltas[j] += Math.pow(f, q) * dw;
                norm2 += dw * dw;
            }
            steps += q * Math.pow(f, q - 1) * norm2 + lipschitz * Math.pow(f, q);
        }
        double[] end = new CurveFederation().end(QFedAvg.withFairness(q).withLocalLearningRate(RATE), 1);

        for (int j = 0; j < deltas.length; j++) {
            assertEquals(w[j] - deltas[j] / steps, end[j], 1e-12);
        }
        assertEquals((4.0 - 2 + 3) / 3, end[2], 1e-12, "statistics are averaged");
    }

    @Test
    void withoutFairnessIsTheUniformMean() {
        double[] plain = new CurveFederation().end(FedAvg.uniform(), 10);
        double[] fair = new CurveFederation().end(QFedAvg.withFairness(0), 10);

        for (int j = 0; j < plain.length; j++) {
            assertEquals(plain[j], fair[j], 1e-12);
        }
    }

    @Test
    void moreFairnessMakesClientsLossesMoreEqual() {
        double none = spread(new CurveFederation().end(QFedAvg.withFairness(0), 500));
        double some = spread(new CurveFederation().end(QFedAvg.withFairness(1), 500));
        double much = spread(new CurveFederation().end(QFedAvg.withFairness(5), 2000));

        assertTrue(some < 0.9 * none && much < 0.9 * some, () -> none + ", " + some + ", " + much);
    }

    private static double spread(double[] w) {
        double[] losses = CURVES.stream().mapToDouble(curve -> curve.loss(w)).toArray();
        double mean = (losses[0] + losses[1] + losses[2]) / 3;
        double squares = 0;
        for (double loss : losses) {
            squares += (loss - mean) * (loss - mean) / 3;
        }
        return Math.sqrt(squares);
    }

    @Test
    void aClientWithoutLossCountsWithATinyOne() {
        LinearRound round = QFedAvg.withFairness(0.5).begin(CONTEXT);
        Summand into = Summand.zero(round.segments());
        round.encoder().encode(withLoss(0)).addTo(into);

        double norm = 10 * UPDATE.delta().norm2();
        double expected = 0.5 * Math.pow(1e-10, -0.5) * norm * norm + 10 * Math.pow(1e-10, 0.5);
        assertEquals(expected, into.get("step", 0), 1e-9 * expected);
    }

    @Test
    void rejectsUpdatesWithoutALoss() {
        Aggregation aggregation = QFedAvg.withFairness(1).begin(CONTEXT).aggregation();

        assertEquals(
                "q-FedAvg needs the scalar 'global-loss' but the update has only []",
                aggregation.refusal(UPDATE).orElseThrow());
        assertEquals(
                "q-FedAvg needs 'global-loss' >= 0, but was -0.5",
                aggregation.refusal(withLoss(-0.5)).orElseThrow());
    }

    /** 1e30^15 is infinite in FP64; added, it would turn the whole round into NaN. */
    @Test
    void rejectsAnUpdateWhoseLossOverflows() {
        Aggregation aggregation = QFedAvg.withFairness(15).begin(CONTEXT).aggregation();

        assertEquals(
                "q-FedAvg's step h must be finite, but was Infinity, of q = 15.0 and 'global-loss' = 1.0E30; did"
                        + " the model diverge on this client's data?",
                aggregation.refusal(withLoss(1e30)).orElseThrow());
        assertEquals(Optional.empty(), aggregation.refusal(withLoss(1e10)));
    }

    private static ClientUpdate withLoss(double loss) {
        return Rounds.withScalar(UPDATE, "global-loss", loss);
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return QFedAvg.withFairness(2);
        }

        @Override
        protected ClientUpdate update(int client) {
            return Rounds.withScalar(super.update(client), "global-loss", 0.1 + client);
        }

        /** Its step shrinks with the size of the deltas. */
        @Override
        protected boolean isMean() {
            return false;
        }
    }
}
