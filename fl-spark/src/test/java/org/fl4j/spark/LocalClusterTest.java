package org.fl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.Tuple2;

/** Two executor processes, as all tests of this module have them. */
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalClusterTest {

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.processes(2);

    /** Before the kill: what comes after may find one executor alone. */
    @Test
    @Order(1)
    void aProductHasTheSameBitsOnBothExecutorsAsOnTheDriver() {
        Map<Long, String> digests = CLUSTER.context()
                .parallelize(List.of(0, 1), 2)
                .mapToPair(task -> new Tuple2<>(ProcessHandle.current().pid(), Products.digest()))
                .collectAsMap();
        assertEquals(pids(), digests.keySet());
        assertEquals(Set.of(Products.digest()), Set.copyOf(digests.values()));
    }

    @Test
    @Order(2)
    void executorsRunOnTheJavaOfTheTest() {
        assertEquals(
                List.of(System.getProperty("java.home")),
                CLUSTER.context()
                        .parallelize(List.of(0, 1), 2)
                        .map(task -> System.getProperty("java.home"))
                        .distinct()
                        .collect());
    }

    @Test
    @Order(3)
    void aJobEndsWellAfterAnExecutorIsKilled() throws InterruptedException {
        ProcessHandle killed = CLUSTER.executors().get(0);
        LocalCluster.kill(killed);
        List<Integer> tasks = IntStream.range(0, 8).boxed().toList();
        List<Tuple2<Integer, Long>> done = CLUSTER.context()
                .parallelize(tasks, 8)
                .map(task -> new Tuple2<>(task, ProcessHandle.current().pid()))
                .collect();
        assertEquals(tasks, done.stream().map(Tuple2::_1).toList());
        Set<Long> by = done.stream().map(Tuple2::_2).collect(Collectors.toSet());
        assertFalse(by.contains(killed.pid()));
        assertFalse(by.contains(ProcessHandle.current().pid()));
        assertNotEquals(Set.of(), by);
    }

    private static Set<Long> pids() {
        return CLUSTER.executors().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
