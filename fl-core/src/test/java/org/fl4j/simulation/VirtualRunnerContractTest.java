package org.fl4j.simulation;

import java.time.Duration;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.testkit.ClientRunnerContract;

/** Outside a round it is the runner below. */
class VirtualRunnerContractTest extends ClientRunnerContract {

    @Override
    protected ClientRunner newRunner() {
        return VirtualRunner.over(InProcessRunner.of(2), Latency.constant(Duration.ofDays(1)));
    }
}
