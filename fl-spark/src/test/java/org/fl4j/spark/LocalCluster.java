package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Spark on this machine, for all tests of a class: in threads of this JVM, or in executor processes whose class path is the
 * test's. Registered as a static extension, as there is one context a JVM:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final LocalCluster CLUSTER = LocalCluster.processes(2).with("spark.speculation", "true");
 * }</pre>
 *
 * Processes need environment variables that only the build can set, see fl-spark/pom.xml. What executors print is in
 * {@code target/spark-home/work}.
 */
final class LocalCluster implements BeforeAllCallback, AfterAllCallback {

    private static final long SECONDS = 20;

    private final SparkConf conf;
    private JavaSparkContext context;

    private LocalCluster(SparkConf conf) {
        this.conf = conf;
    }

    /** All in this JVM; a task that fails is not run again. */
    static LocalCluster threads(int count) {
        return new LocalCluster(conf().setMaster("local[" + count + "]"));
    }

    /** As {@link #threads}, with as many attempts of a task: {@code spark.task.maxFailures} does nothing there. */
    static LocalCluster threads(int count, int attempts) {
        return new LocalCluster(conf().setMaster("local[" + count + "," + attempts + "]"));
    }

    /** So many executors, each a JVM with one core and a heap of 1 GB; a task has Spark's four attempts. */
    static LocalCluster processes(int count) {
        return new LocalCluster(conf().setMaster("local-cluster[" + count + ",1,1024]")
                .set("spark.executor.memory", "1g")
                .set("spark.executor.extraClassPath", classPath())
                .set(
                        "spark.executor.extraJavaOptions",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0 --enable-native-access=ALL-UNNAMED")
                // Of this test, whatever the machine's is.
                .set("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
                // The first job waits for every executor.
                .set("spark.cores.max", Integer.toString(count))
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", SECONDS + "s"));
    }

    private static SparkConf conf() {
        return new SparkConf(false)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set(
                        "spark.local.dir",
                        Path.of("target", "spark-local").toAbsolutePath().toString());
    }

    /** Absolute, as executors have working directories of their own. */
    private static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(path.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((left, right) -> left + File.pathSeparator + right)
                .orElseThrow();
    }

    /** Before it starts: a setting of Spark's. */
    LocalCluster with(String key, String value) {
        return new LocalCluster(conf.clone().set(key, value));
    }

    /** Before it starts: settings of Spark's. */
    LocalCluster with(Map<String, String> settings) {
        SparkConf more = conf.clone();
        settings.forEach(more::set);
        return new LocalCluster(more);
    }

    JavaSparkContext context() {
        return context;
    }

    /** The executors' processes that are alive, in no order; none where executors are threads. */
    List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info()
                        .command()
                        .filter(file -> file.endsWith("java"))
                        .isPresent())
                .toList();
    }

    /** {@code kill -9}: when this returns, the process is gone; Spark may not have noticed. */
    static void kill(ProcessHandle executor) throws InterruptedException {
        executor.destroyForcibly();
        if (!ends(executor)) {
            throw new IllegalStateException("executor " + executor.pid() + " outlives kill -9");
        }
    }

    private static boolean ends(ProcessHandle process) throws InterruptedException {
        try {
            process.onExit().get(SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void beforeAll(ExtensionContext test) throws IOException {
        if (conf.get("spark.master").startsWith("local-cluster")) {
            String home = System.getenv("SPARK_HOME");
            if (home == null || System.getenv("SPARK_SCALA_VERSION") == null) {
                throw new IllegalStateException(
                        "executor processes need SPARK_HOME, a folder that may be empty, and SPARK_SCALA_VERSION in the "
                                + "environment, as in fl-spark/pom.xml");
            }
            Files.createDirectories(Path.of(home, "jars"));
        }
        context = new JavaSparkContext(conf);
    }

    /** Leaves no process behind, and says so if Spark did. */
    @Override
    public void afterAll(ExtensionContext test) throws InterruptedException {
        List<ProcessHandle> executors = executors();
        context.close();
        List<Long> late = new ArrayList<>();
        for (ProcessHandle executor : executors) {
            if (!ends(executor)) {
                kill(executor);
                late.add(executor.pid());
            }
        }
        assertEquals(List.of(), late, "executors that outlived their context");
    }
}
