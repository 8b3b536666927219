package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.secure.SecureRound;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;

/**
 * Whether a private round releases must not depend on one client's data. With some colluding with the observer, the others
 * just reach the threshold: if the victim dropped out when its training fails, that would show.
 */
class PrivateFailureTest {

    private static final int N = 10;
    private static final int VICTIM = 9;
    private static final int THRESHOLD = 6;
    private static final ThreatModel SETTING = ThreatModel.curious(DropoutTolerance.DEFAULT);

    /** Without noise, to look at the sum. */
    private static final LinearAggregator RULE = GaussianMechanism.on(ClippedMean.fixed(1), 0);

    private static final double[] NOTHING = {0, 0, 0};

    @Test
    void aClientWhoseTrainingFailsContributesZeros() {
        assertEquals(THRESHOLD, SETTING.graph(N).threshold());
        ModelDelta still = released(client -> client == VICTIM ? NOTHING : new double[] {0.5, 0, -0.25});
        ModelDelta failing = released(client -> {
            if (client == VICTIM) {
                throw new IllegalStateException("wrong labels");
            }
            return new double[] {0.5, 0, -0.25};
        });

        assertEquals(still, failing);
    }

    /** Four answer until they have dealt their shares, and then drop out. */
    private static ModelDelta released(IntFunction<double[]> deltas) {
        Drill drill = new Drill(new KnownCohort(RULE, SETTING), N, 3, deltas)
                .over((stage, way, client, message) ->
                        stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER && client < N - THRESHOLD
                                ? Optional.empty()
                                : Optional.of(message));
        SecureRound.Recovered recovered = assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
        assertEquals(THRESHOLD, recovered.included().size());
        assertEquals(Map.of(), drill.failures());
        return recovered.result().aggregate();
    }
}
