package org.fl4j.privacy.secagg;

import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Every pattern of dropouts of a cohort, each client in its place; those of seven clients are 78,125. Ends with status 1 if
 * one round did not end as it must.
 *
 * <pre>
 * mvn -q process-test-classes -Drun=long-runs -pl fl-privacy -am -Dargs="7 4 2"       clients, threshold, threads
 * </pre>
 */
final class DropoutPatternsLongRun {

    /** Prime to 5: the patterns in an order in which those of the first minutes are like those of all. */
    private static final long STRIDE = 48_271;

    private static final long SECONDS_A_LINE = 10;

    private final int n;
    private final DropoutRounds rounds;
    private final long count;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private DropoutPatternsLongRun(int n, int threshold) {
        this.n = n;
        this.rounds = DropoutRounds.curious(n, threshold);
        this.count = DropoutPattern.count(DropoutPattern.CURIOUS, n);
    }

    public static void main(String[] args) throws InterruptedException {
        if (args.length != 3) {
            throw new IllegalArgumentException(
                    "arguments: clients, threshold, threads, such as 7 4 2, but was " + String.join(" ", args));
        }
        DropoutPatternsLongRun run = new DropoutPatternsLongRun(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
        System.exit(run.on(Integer.parseInt(args[2])) ? 0 : 1);
    }

    private boolean on(int threads) throws InterruptedException {
        long start = System.nanoTime();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(this::work);
        }
        pool.shutdown();
        boolean over;
        do {
            over = pool.awaitTermination(SECONDS_A_LINE, TimeUnit.SECONDS);
            report((System.nanoTime() - start) * 1e-9);
        } while (!over);
        return failed.get() == 0 && done.get() == count;
    }

    private void work() {
        for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            DropoutPattern pattern = DropoutPattern.number(DropoutPattern.CURIOUS, n, i * STRIDE % count);
            try {
                rounds.check(pattern);
            } catch (AssertionError | RuntimeException e) {
                failed.incrementAndGet();
                System.out.println("FAILED " + pattern.missingFrom() + ": " + e);
            }
            done.incrementAndGet();
        }
    }

    private void report(double seconds) {
        double rate = done.get() / seconds;
        System.out.printf(
                Locale.ROOT,
                "%,d of %,d patterns, %.1f a second, %.0f s gone, %.0f s to go, %,d failed%n",
                done.get(),
                count,
                rate,
                seconds,
                (count - done.get()) / rate,
                failed.get());
    }
}
