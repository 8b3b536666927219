package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.BlocksHere;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slow and hung clients: what waits behind them is bounded, and the others go on. */
@Timeout(60)
class InProcessRunnerStragglerTest {

    /** Never reached where the runner keeps its promise. */
    private static final ClientRunner.Limits LONG = new ClientRunner.Limits(Duration.ofSeconds(30), Integer.MAX_VALUE);

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<InProcessRunner> runners = new ArrayList<>();

    @AfterEach
    void closeRunners() {
        release.countDown();
        runners.forEach(InProcessRunner::close);
    }

    /** The straggler, the 15 of its block, 24 sums that count as two, and the one that is running. */
    @Test
    void inBlocksAStragglerHoldsBackItsOwnBlockOnly() {
        List<ClientId> cohort = Cohorts.ids(400);
        CountDownLatch others = new CountDownLatch(399);
        Held held = new Held();

        held.run(runner(2, 1 + 15 + 2 * 24 + 1), cohort, LONG, id -> {
            if (id.equals(cohort.get(0))) {
                others.await();
            }
            others.countDown();
            return Cohorts.echo(id);
        });

        assertEquals(completed(cohort), held.outcomes);
    }

    /** Beside the window there may be the outcome that is being collected and the sum it opens. */
    @ParameterizedTest
    @CsvSource({"2, 4", "8, 8", "8, 20", "8, 64"})
    void whatIsInFlightIsBoundedWhateverTheOrderOfArrival(int threads, int window) {
        List<ClientId> cohort = Cohorts.ids(600);
        Held held = new Held();

        held.run(runner(threads, window), cohort, ClientRunner.Limits.NONE, id -> {
            DeterministicRandom random = new DeterministicRandom(id.hashCode());
            for (int i = random.nextInt(4) == 0 ? random.nextInt(30_000) : 0; i > 0; i--) {
                Thread.onSpinWait();
            }
            return Cohorts.echo(id);
        });

        assertEquals(completed(cohort), held.outcomes);
        assertTrue(held.most.get() <= window + 3, () -> held.most + " in flight, window " + window);
    }

    @Test
    void inAnyOrderAStragglerHoldsBackNobody() {
        List<ClientId> cohort = Cohorts.ids(100);
        CountDownLatch others = new CountDownLatch(99);
        List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();

        runner(2, 2)
                .<ClientId>runInAnyOrder(
                        cohort,
                        id -> {
                            if (id.equals(cohort.get(0))) {
                                others.await();
                            }
                            others.countDown();
                            return Cohorts.echo(id);
                        },
                        LONG,
                        outcomes::add);

        assertEquals(100, outcomes.size());
        assertEquals(Set.copyOf(completed(cohort)), Set.copyOf(outcomes));
    }

    /** One thread; the second client waits for the third, which needs another. */
    @Test
    void aClientMuchSlowerThanTheOthersNoLongerOccupiesAThread() {
        List<ClientId> cohort = Cohorts.ids(5);
        CountDownLatch third = new CountDownLatch(1);

        List<ClientOutcome<ClientId>> outcomes = run(runner(1, 5), cohort, LONG, id -> {
            if (id.equals(cohort.get(1))) {
                third.await();
            } else if (id.equals(cohort.get(2))) {
                third.countDown();
            }
            return Cohorts.echo(id);
        });

        assertEquals(completed(cohort), outcomes);
    }

    @Test
    void beforeAnyHasCompletedAClientHasHalfTheDeadline() {
        List<ClientId> cohort = Cohorts.ids(2);
        CountDownLatch second = new CountDownLatch(1);

        List<ClientOutcome<ClientId>> outcomes =
                run(runner(1, 2), cohort, new ClientRunner.Limits(Duration.ofSeconds(4), Integer.MAX_VALUE), id -> {
                    if (id.equals(cohort.get(0))) {
                        second.await();
                    }
                    second.countDown();
                    return Cohorts.echo(id);
                });

        assertEquals(completed(cohort), outcomes);
    }

    /** No deadline, but enough: the first two hold both threads for good once the third has shown how long it takes. */
    @Test
    void overSelectionContinuesDespiteHungClients() {
        List<ClientId> cohort = Cohorts.ids(13);

        List<ClientOutcome<ClientId>> outcomes =
                run(runner(2, 13), cohort, new ClientRunner.Limits(ClientRunner.Limits.NO_DEADLINE, 10), id -> {
                    int position = cohort.indexOf(id);
                    if (position == 1 || position == 4 || position == 7) {
                        Cohorts.awaitAsNativeCodeWould(release);
                    }
                    return Cohorts.echo(id);
                });

        assertEquals(10, count(outcomes, ClientOutcome.Completed.class));
        assertEquals(3, count(outcomes, ClientOutcome.Surplus.class));
    }

    @Test
    void tenOfAHundredThatHangOnTwoThreadsAreTheOnlyOnesLost() {
        List<ClientId> cohort = Cohorts.ids(100);
        InProcessRunner runner = runner(2, 200);
        CountDownLatch returned = new CountDownLatch(10);

        List<ClientOutcome<ClientId>> outcomes =
                run(runner, cohort, new ClientRunner.Limits(Duration.ofSeconds(4), Integer.MAX_VALUE), id -> {
                    if (cohort.indexOf(id) % 10 == 5) {
                        Cohorts.awaitAsNativeCodeWould(release);
                        returned.countDown();
                    }
                    return Cohorts.echo(id);
                });

        assertEquals(90, count(outcomes, ClientOutcome.Completed.class));
        assertEquals(10, count(outcomes, ClientOutcome.TimedOut.class));
        assertEquals(10, runner.abandoned());
        release.countDown();
        awaitNoneAbandoned(runner);
    }

    /** All hang but the first: eight threads, and 64 beside them. */
    @Test
    void threadsHeldByHungClientsAreCappedAndARunWithoutThreadsThrows() {
        List<ClientId> cohort = Cohorts.ids(100);
        InProcessRunner runner = runner(8, 200);

        List<ClientOutcome<ClientId>> outcomes =
                run(runner, cohort, new ClientRunner.Limits(Duration.ofSeconds(4), Integer.MAX_VALUE), id -> {
                    if (!id.equals(cohort.get(0))) {
                        Cohorts.awaitAsNativeCodeWould(release);
                    }
                    return Cohorts.echo(id);
                });

        assertEquals(1, count(outcomes, ClientOutcome.Completed.class));
        assertEquals(8 + InProcessRunner.MOST_ABANDONED, count(outcomes, ClientOutcome.TimedOut.class));
        assertEquals(100 - 1 - 8 - InProcessRunner.MOST_ABANDONED, count(outcomes, ClientOutcome.NotStarted.class));
        assertEquals(8 + InProcessRunner.MOST_ABANDONED, runner.abandoned());
        assertEquals(
                "every thread of this runner is held by a client that did not return when it was interrupted; give clients"
                        + " time limits of their own",
                assertThrows(IllegalStateException.class, () -> run(runner, cohort, LONG, Cohorts::echo))
                        .getMessage());

        release.countDown();
        awaitNoneAbandoned(runner);
        assertEquals(completed(cohort), run(runner, cohort, LONG, Cohorts::echo));
    }

    @Test
    void patienceIsEightTimesTheMeanWithinBounds() {
        long second = Duration.ofSeconds(1).toNanos();
        Patience patience = new Patience(60 * second);
        assertEquals(30 * second, patience.nanos(), "none has completed: half the deadline");
        patience.completedIn(1);
        assertEquals(60 * second / 100, patience.nanos(), "at least 1 % of the deadline");
        patience.completedIn(2 * second - 1);
        assertEquals(8 * second, patience.nanos());
        patience.completedIn(58 * second);
        assertEquals(30 * second, patience.nanos(), "at most half the deadline");
        patience = new Patience(Long.MAX_VALUE / 2);
        patience.completedIn(1);
        assertEquals(second, patience.nanos(), "without a deadline, at least a second");
    }

    private InProcessRunner runner(int threads, int window) {
        InProcessRunner runner = InProcessRunner.of(threads);
        runners.add(runner);
        return runner.withWindow(window);
    }

    private static List<ClientOutcome<ClientId>> run(
            InProcessRunner runner,
            List<ClientId> cohort,
            ClientRunner.Limits limits,
            ClientRunner.Work<ClientId> work) {
        List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();
        runner.run(cohort, work, limits, outcomes::add);
        return outcomes;
    }

    private static List<ClientOutcome<ClientId>> completed(List<ClientId> cohort) {
        return cohort.stream().map(Cohorts::echo).toList();
    }

    private static long count(List<? extends ClientOutcome<ClientId>> outcomes, Class<?> kind) {
        return outcomes.stream().filter(kind::isInstance).count();
    }

    private static void awaitNoneAbandoned(InProcessRunner runner) {
        while (runner.abandoned() > 0) {
            assertFalse(Thread.currentThread().isInterrupted(), "the test timed out");
            Thread.onSpinWait();
        }
    }

    /** Counts what a run in blocks holds: clients that were called and not collected, and blocks begun and not delivered. */
    private static final class Held {

        final List<ClientOutcome<ClientId>> outcomes = new ArrayList<>();
        final AtomicInteger updates = new AtomicInteger();
        final AtomicInteger blocks = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        void run(
                InProcessRunner runner,
                List<ClientId> cohort,
                ClientRunner.Limits limits,
                ClientRunner.Work<ClientId> work) {
            Collector<ClientOutcome<ClientId>, List<ClientOutcome<ClientId>>, List<ClientOutcome<ClientId>>> listed =
                    Collector.of(
                            () -> {
                                blocks.incrementAndGet();
                                measure();
                                return new ArrayList<>();
                            },
                            (block, outcome) -> {
                                block.add(outcome);
                                updates.decrementAndGet();
                            },
                            (a, b) -> {
                                throw new AssertionError("the combiner is not used");
                            });
            ClientRunner.Work<ClientId> measured = id -> {
                updates.incrementAndGet();
                measure();
                return work.perform(id);
            };
            runner.runBlocks(new BlocksHere<>(cohort, measured, listed), limits, block -> {
                outcomes.addAll(block);
                blocks.decrementAndGet();
            });
        }

        private void measure() {
            most.accumulateAndGet(updates.get() + 2 * Math.max(0, blocks.get() - 1), Math::max);
        }
    }
}
