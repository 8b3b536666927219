package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;

/**
 * Many damaged messages: a program, not a test. Its arguments, each with a default: how many (10 million), seed, threads,
 * first round. It stops at the first finding, with exit code 1; a finding names seed and round, and one thread with this
 * seed from this round on does the same damage again. The server's signature key of a round is fresh all the same, so a
 * finding shows the bytes.
 *
 * <p>Each round has 50,000 messages and one of the three settings; every hundredth is on the sparse graph of 100
 * clients. Every fourth comes with some damaged records under the right seal.
 */
final class MessageFuzzLongRun {

    private static final List<Adversary> SETTINGS = List.of(Adversary.values());
    private static final int MESSAGES = 50_000;
    private static final int SPARSE_CLIENTS = 100;
    private static final int SPARSE_EVERY = 100;
    private static final int LIES_EVERY = 4;
    private static final int LIES = 20;
    private static final long STUCK_SECONDS = 300;

    private final FuzzLog log = new FuzzLog();
    private final FuzzLog lies = new FuzzLog();
    private final long count;
    private final long seed;
    private final AtomicInteger next;

    private MessageFuzzLongRun(long count, long seed, int first) {
        this.count = count;
        this.seed = seed;
        this.next = new AtomicInteger(first);
    }

    /**
     * Runs it.
     *
     * @param args how many messages, seed, threads, first round
     */
    public static void main(String[] args) throws InterruptedException {
        MessageFuzzLongRun run = new MessageFuzzLongRun(
                argument(args, 0, 10_000_000), argument(args, 1, 20_261_121), (int) argument(args, 3, 1));
        System.exit(run.run((int) argument(args, 2, 2)) ? 0 : 1);
    }

    private static long argument(String[] args, int position, long standard) {
        return args.length > position ? Long.parseLong(args[position]) : standard;
    }

    private boolean run(int threads) throws InterruptedException {
        System.out.printf("%,d messages, seed %d, %d threads, from round %d%n", count, seed, threads, next.get());
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(this::rounds, "fuzz-" + i);
            worker.setDaemon(true);
            worker.setUncaughtExceptionHandler((thread, e) -> log.finding(thread.getName() + " died of " + e));
            worker.start();
            workers.add(worker);
        }
        long start = System.nanoTime();
        watch(workers, start);
        log.table().forEach(System.out::println);
        System.out.printf("%,d messages in %.0f s%n", log.total(), (System.nanoTime() - start) / 1e9);
        System.out.printf("and %,d records under the right seal:%n", lies.total());
        lies.table().forEach(System.out::println);
        log.findings().forEach(finding -> System.out.println("FINDING " + finding));
        lies.findings().forEach(finding -> System.out.println("FINDING " + finding));
        return log.isClean() && lies.isClean() && log.total() > 0;
    }

    private void rounds() {
        MessageFuzz fuzz = new MessageFuzz(log, seed);
        while (log.total() < count && log.isClean() && lies.isClean()) {
            int round = next.getAndIncrement();
            fuzz.run(cohort(round), round, MESSAGES);
            if (round % LIES_EVERY == 0) {
                FuzzedCohort liars = small(round);
                new ClientLies(lies, seed).run(liars, round / LIES_EVERY, LIES);
                new ServerLies(lies, seed).run(liars, round / LIES_EVERY, round % (2 * LIES_EVERY) == 0 ? LIES : 0);
            }
        }
    }

    private static FuzzedCohort cohort(int round) {
        if (round % SPARSE_EVERY == SPARSE_EVERY / 2) {
            return FuzzedCohort.of(Adversary.SEMI_MALICIOUS, SPARSE_CLIENTS);
        }
        return small(round);
    }

    private static FuzzedCohort small(int round) {
        return FuzzedCohort.of(SETTINGS.get(round % SETTINGS.size()), 4);
    }

    private void watch(List<Thread> workers, long start) throws InterruptedException {
        long moved = System.nanoTime();
        for (long before = -1; workers.stream().anyMatch(Thread::isAlive); ) {
            for (Thread worker : workers) {
                worker.join(TimeUnit.SECONDS.toMillis(10) / workers.size());
            }
            long total = log.total();
            double seconds = (System.nanoTime() - start) / 1e9;
            double rate = total / seconds;
            System.out.printf(
                    "%,d of %,d messages, %.0f a second, %.0f s to go, %d findings%n",
                    total,
                    count,
                    rate,
                    Math.max(0, count - total) / Math.max(1, rate),
                    log.findings().size());
            if (total > before) {
                before = total;
                moved = System.nanoTime();
            } else if (System.nanoTime() - moved > TimeUnit.SECONDS.toNanos(STUCK_SECONDS)) {
                log.finding("nothing has moved for " + STUCK_SECONDS + " s, seed " + seed + ", round " + next.get());
                return;
            }
        }
    }
}
