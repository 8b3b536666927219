package org.fl4j.spark;

import java.util.List;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.testkit.ClientRunnerContract;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A SparkRunner as it does the work of single clients; blocks as data are {@link RunsOnSpark}'s. */
class CallsContractTest extends ClientRunnerContract {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.threads(2);

    @Override
    protected ClientRunner newRunner() {
        return new Calling(SparkRunner.over(CLUSTER.context(), FedAvg::byExamples, Digits::clients));
    }

    /** Collects blocks client by client. */
    private record Calling(SparkRunner runner) implements ClientRunner, AutoCloseable {

        @Override
        public <R> void run(
                List<ClientId> cohort,
                ClientRunner.Work<R> work,
                ClientRunner.Limits limits,
                Consumer<? super ClientOutcome<R>> sink) {
            runner.run(cohort, work, limits, sink);
        }

        @Override
        public <R> void runInAnyOrder(
                List<ClientId> cohort,
                ClientRunner.Work<R> work,
                ClientRunner.Limits limits,
                Consumer<? super ClientOutcome<R>> sink) {
            runner.runInAnyOrder(cohort, work, limits, sink);
        }

        @Override
        public void close() {
            runner.close();
        }
    }
}
