package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.fl4j.aggregation.mean.FedAvg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.jdk.javaapi.CollectionConverters;

/** The one run of the gate on executors that are processes; {@link ExecutorProcessesTest} has the others. */
@Timeout(120)
class TwoExecutorsTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.processes(2);

    @Test
    void twoProcessesComputeTheBitsOfOne() throws Exception {
        RunsOnSpark.Setting setting = RunsOnSpark.Setting.of(FedAvg::byExamples);
        RunsOnSpark.Run there;
        try (SparkRunner runner = SparkRunner.over(CLUSTER.context(), setting.rule(), Digits::clients)) {
            there = RunsOnSpark.run(setting, runner.clients(), runner, 2, builder -> builder);
        }

        assertEquals(RunsOnSpark.here(setting, Digits.clients()), there);
        assertEquals(2, executorsThatDidSomething());
    }

    /** The driver is in Spark's list, too, and does no task. */
    private static long executorsThatDidSomething() {
        return CollectionConverters.asJava(CLUSTER.context().sc().statusStore().executorList(true)).stream()
                .filter(executor -> executor.completedTasks() > 0)
                .count();
    }
}
