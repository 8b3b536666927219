package org.fl4j.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.NativeBlas;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Native code has one thread while a run is active, and afterwards what it had before. */
class NativeThreadsTest {

    private final NativeOps ops = ops();
    private final int ompAtFirst = ops.ompGetMaxThreads();
    private final int blasAtFirst = Nd4j.factory().blas().getMaxThreads();
    private List<Integer> before;

    @BeforeEach
    void letThereBeTwo() {
        ops.setOmpNumThreads(2);
        Nd4j.factory().blas().setMaxThreads(2);
        before = now();
        assertEquals(2, before.get(0));
    }

    @AfterEach
    void restore() {
        ops.setOmpNumThreads(ompAtFirst);
        Nd4j.factory().blas().setMaxThreads(blasAtFirst);
    }

    @Test
    void theFirstPinOfAProcessChecksProducts() {
        NativeThreads.pinToOne().close();

        assertTrue(NativeBlas.isKnownToBeRight());
        assertNotEquals("unknown", NativeBlas.core());
    }

    @Test
    void nestedPinsRestoreWhatWasBeforeTheFirst() {
        try (NativeThreads outer = NativeThreads.pinToOne()) {
            assertEquals(List.of(1, 1), now());
            NativeThreads inner = NativeThreads.pinToOne();
            assertEquals(1, inner.provenance().nativeThreads());
            inner.close();
            inner.close();
            assertEquals(List.of(1, 1), now(), "closed twice, a pin counts once");
            assertEquals(1, outer.provenance().nativeThreads());
        }
        assertEquals(before, now());
    }

    @Test
    void runsOnTwoThreadsThatOverlapRestoreWhatWasBeforeOnEach() throws Exception {
        CountDownLatch firstHasEnded = new CountDownLatch(1);
        CountDownLatch secondIsActive = new CountDownLatch(1);
        ExecutorService another = Executors.newSingleThreadExecutor();
        try {
            Future<List<List<Integer>>> second;
            try (NativeThreads first = NativeThreads.pinToOne()) {
                second = another.submit(() -> {
                    List<List<Integer>> seen = new ArrayList<>();
                    ops.setOmpNumThreads(3);
                    try (NativeThreads pin = NativeThreads.pinToOne()) {
                        assertEquals(1, pin.provenance().nativeThreads());
                        secondIsActive.countDown();
                        firstHasEnded.await();
                        seen.add(now());
                    }
                    seen.add(now());
                    return seen;
                });
                secondIsActive.await();
                assertEquals(1, first.provenance().nativeThreads());
            }
            assertEquals(List.of(2, 1), now(), "BLAS is pinned for the process while a run is active");
            firstHasEnded.countDown();
            assertEquals(List.of(List.of(1, 1), List.of(3, before.get(1))), second.get());
            assertEquals(before, now());
        } finally {
            another.shutdownNow();
        }
    }

    @Test
    void aRunPinsAndRestoresAlsoWhenItEndsWithAnException() {
        List<List<Integer>> during = new ArrayList<>();
        ScriptedPopulation population = ScriptedPopulation.of(1, (self, task) -> {
            during.add(now());
            if (task.round() == 2) {
                ClientRunner.ServerFailureException.ours(() -> {
                    throw new IllegalStateException("a bug");
                });
            }
            return Toy.moves(1, 0, 0).train(self, task);
        });
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 2));
        }
        assertEquals(List.of(List.of(1, 1), List.of(1, 1)), during, "on the client's thread");
        assertEquals(before, now());
    }

    private List<Integer> now() {
        return List.of(ops.ompGetMaxThreads(), Nd4j.factory().blas().getMaxThreads());
    }

    private static NativeOps ops() {
        Nd4j.getBackend();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
