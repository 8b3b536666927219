package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys, seeds and masks are fresh in every run; what is recovered has the same bits. */
class SecureSumBitsTest {

    private static final FixedPoint COARSE =
            FixedPoint.within(8).resolution(0x1p-5).weighingAtMost(PointFederation.MOST_POINTS);

    static Stream<SecureSum> rules() {
        return Stream.of(
                SecureSum.on(FedAvg.byExamples(), COARSE),
                // Clients remember: a round that is not committed, or twice, would show.
                SecureSum.on(Scaffold.on(FedAvg.byExamples()), COARSE.segment("control", COARSE)));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void onAnyNumberOfThreadsBeforeAndAfterAResume(SecureSum rule) {
        ServerState expected = federation()
                .threads(1)
                .run(rule.unmaskingOn(1), PointFederation.START, 4)
                .state();

        assertEquals(
                expected,
                federation()
                        .threads(4)
                        .run(rule.unmaskingOn(4), PointFederation.START, 4)
                        .state());
        PointFederation resumed = federation();
        byte[] half = resumed.run(rule, PointFederation.START, 2).state().toBytes();
        assertEquals(expected, resumed.run(rule, ServerState.fromBytes(half), 2).state());
    }

    /** Two clients vanish in each round, others each time: the sum does without them, from shares of their keys. */
    private static PointFederation federation() {
        return new PointFederation().losing((round, client) -> (client + round) % 3 == 0);
    }
}
