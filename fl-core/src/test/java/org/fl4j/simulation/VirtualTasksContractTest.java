package org.fl4j.simulation;

import java.time.Duration;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.testkit.TaskStreamContract;

class VirtualTasksContractTest extends TaskStreamContract {

    @Override
    protected ClientRunner newRunner() {
        return VirtualRunner.over(InProcessRunner.of(2), Latency.pareto(Duration.ofMinutes(1), 1));
    }
}
