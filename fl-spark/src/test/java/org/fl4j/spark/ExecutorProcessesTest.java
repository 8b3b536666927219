package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaSparkContext;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two executor processes, and what only processes can do: end. */
@Timeout(240)
@Tag("long")
class ExecutorProcessesTest extends RunsOnSpark {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.processes(2)
            // Of executors that a client takes along.
            .with("spark.task.maxFailures", "2")
            // Whatever runs twice by it is harmless.
            .with("spark.speculation", "true")
            .with("spark.speculation.multiplier", "1.1")
            .with("spark.speculation.quantile", "0.3")
            .with("spark.speculation.minTaskRuntime", "10ms");

    @Override
    JavaSparkContext spark() {
        return CLUSTER.context();
    }

    /** In the first round, while both train: what it was at is done again elsewhere. */
    @Test
    void anExecutorThatIsKilledChangesNothing() throws Exception {
        Setting setting = Setting.of(FedAvg::byExamples);
        CompletableFuture<Void> killed = CompletableFuture.runAsync(
                () -> {
                    try {
                        LocalCluster.kill(CLUSTER.executors().get(0));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS));
        Run there = there(setting, () -> decorated(Slow::new));
        killed.join();

        assertEquals(here(setting, Digits.clients()), there);
    }

    @Test
    void aClientThatEndsItsJvmHasFailedAndTheOthersOfItsBlockAreInTheSum() throws Exception {
        failsAlone(Setting.of(FedAvg::byExamples));
    }

    @Test
    void aClientThatEndsItsJvmHasFailedWhereEveryUpdateIsNeeded() throws Exception {
        failsAlone(Setting.of(CoordinateMedian::of));
    }

    private void failsAlone(Setting setting) throws Exception {
        Run there;
        try (SparkRunner runner = SparkRunner.over(spark(), setting.rule(), () -> decorated(Halting::new))) {
            there = run(setting, runner.clients(), runner, 1, builder -> builder);
        }
        Run here = here(setting, decorated(Absent::new), 1);

        assertEquals(here.fingerprint(), there.fingerprint());
        List<String> outcomes = there.outcomes().get(0);
        List<String> failed = outcomes.stream()
                .filter(outcome -> outcome.contains(" failed: "))
                .toList();
        assertEquals(1, failed.size(), () -> String.join("\n", outcomes));
        assertTrue(
                failed.get(0)
                        .startsWith(
                                "client '" + Halting.WHO
                                        + "' failed: org.fl4j.spark.LostExecutor: its executor was lost each time that it was tried: "),
                failed.get(0));
    }

    private static ClientProvider decorated(UnaryOperator<Client> decorator) {
        return Digits.clients().decorated(decorator);
    }

    private interface Decorator extends Client {
        Client itself();

        @Override
        default ClientId id() {
            return itself().id();
        }

        @Override
        default Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself().evaluate(task);
        }
    }

    private record Slow(Client itself) implements Decorator {
        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            Thread.sleep(200);
            return itself.train(task);
        }
    }

    private record Absent(Client itself) implements Decorator {
        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (id().value().equals(Halting.WHO)) {
                throw new IllegalStateException("absent");
            }
            return itself.train(task);
        }
    }

    private record Halting(Client itself) implements Decorator {

        static final String WHO = "client-11";

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (id().value().equals(WHO)) {
                Runtime.getRuntime().halt(3);
            }
            return itself.train(task);
        }
    }
}
