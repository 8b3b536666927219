package org.fl4j.server;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.weights.ModelWeights;

/**
 * A run in which of all calls 30 % crash, 10 % hang, 5 % answer NaN, 5 % a wrong shape and 5 % twice.
 *
 * @param clock under which clients hang
 * @param cohort of each round, drawn from 100 clients
 * @param rounds of the run
 * @param early a round after which threads and heap are measured first
 */
record ChaosRun(Clock clock, int cohort, int rounds, int early) {

    enum Clock {
        /** Who hangs would arrive long after the deadline. */
        VIRTUAL(Duration.ofMinutes(10)),
        /** Half of those that hang return on an interrupt, the others ignore it for three deadlines. */
        REAL(Duration.ofMillis(100));

        final Duration deadline;

        Clock(Duration deadline) {
            this.deadline = deadline;
        }
    }

    private static final int POPULATION = 100;
    private static final int THREADS = 4;
    private static final double HANGING = 0.1;

    /**
     * What was seen.
     *
     * @param finished rounds
     * @param advanced those of them in which a client completed
     * @param outcomes how many of each kind
     * @param early what the process held after an early round
     * @param late after the last
     * @param clean whether a run without trouble of the clients that completed has the same weights after each round
     */
    record Found(int finished, int advanced, Map<String, Integer> outcomes, Held early, Held late, boolean clean) {}

    /** Threads of runners, those of them that clients hold which are no longer waited for, and bytes in use after a collection. */
    record Held(long threads, int abandoned, long bytes) {}

    /** The cohort of a round, and who of it completed. */
    private record Cohort(List<ClientId> asked, List<ClientId> completed) {}

    Found play() {
        List<Cohort> cohorts = new ArrayList<>();
        List<ModelWeights> weights = new ArrayList<>();
        Map<String, Integer> outcomes = new TreeMap<>();
        List<Held> held = new ArrayList<>();
        int[] advanced = {0};
        try (InProcessRunner threads = InProcessRunner.of(THREADS)) {
            run(
                    troubled().around(ScriptedPopulation.of(POPULATION, Toy::wanders)),
                    ClientSelector.uniform(cohort),
                    clock == Clock.REAL ? threads : VirtualRunner.over(threads, ChaosRun::latency),
                    result -> {
                        RoundResult.Report report = Toy.report(result);
                        weights.add(result.state().weights());
                        advanced[0] += result instanceof RoundResult.Advanced ? 1 : 0;
                        report.outcomes()
                                .forEach(outcome ->
                                        outcomes.merge(outcome.getClass().getSimpleName(), 1, Integer::sum));
                        cohorts.add(new Cohort(
                                report.outcomes().stream()
                                        .map(outcome -> outcome.client())
                                        .toList(),
                                report.completed()));
                        if (report.round() == early || report.round() == rounds) {
                            held.add(held(threads));
                        }
                    });
            boolean clean = weights.equals(clean(cohorts));
            return new Found(cohorts.size(), advanced[0], outcomes, held.get(0), held.get(1), clean);
        }
    }

    /**
     * Blocks of the sum are made of positions in the cohort. A cohort of one block is played by those that completed alone, in
     * their order; of a larger one the others fail at once.
     */
    private List<ModelWeights> clean(List<Cohort> cohorts) {
        List<ModelWeights> weights = new ArrayList<>();
        boolean oneBlock = cohort <= 16;
        ScriptedPopulation clients = ScriptedPopulation.of(POPULATION, (self, task) -> {
            if (!cohorts.get(task.round() - 1).completed().contains(self)) {
                throw new IOException("did not complete");
            }
            return Toy.wanders(self, task);
        });
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            run(
                    clients,
                    selecting(round -> oneBlock
                            ? cohorts.get(round - 1).completed()
                            : cohorts.get(round - 1).asked()),
                    runner,
                    result -> weights.add(result.state().weights()));
            return weights;
        }
    }

    private interface Choice {
        List<ClientId> ofRound(int round);
    }

    private static ClientSelector selecting(Choice choice) {
        return new ClientSelector() {
            @Override
            public Selection select(Context context) {
                return Selection.of(choice.ofRound(context.round()));
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.Other("as it was");
            }
        };
    }

    private void run(
            ClientProvider clients, ClientSelector selector, ClientRunner runner, RoundListenerOfEnds listener) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(clients)
                .selector(selector)
                .localTraining(Toy.TRAINING)
                .policy(RoundPolicy.DEFAULT.withDeadline(clock.deadline).withMaxAbandoned(Integer.MAX_VALUE))
                .runner(runner)
                .listeners(listener)
                .build()) {
            server.run(Toy.start(), rounds);
        }
    }

    private interface RoundListenerOfEnds extends RoundListener {
        @Override
        void roundEnded(RoundResult result);
    }

    private Trouble troubled() {
        Trouble trouble = Trouble.seeded(3)
                .of(0.3, Trouble.crash())
                .of(0.05, Trouble.nan())
                .of(0.05, Trouble.wrongShape())
                .of(0.05, Trouble.duplicate());
        return clock == Clock.VIRTUAL
                ? trouble
                : trouble.of(HANGING / 2, Trouble.hang()).of(HANGING / 2, this::ignoreInterrupts);
    }

    private static Duration latency(ClientId client, DeterministicRandom random) {
        return random.nextDouble() < HANGING ? Duration.ofHours(1) : Duration.ofMinutes(1);
    }

    private ClientUpdate ignoreInterrupts(Trouble.Call call) throws IOException {
        long until = System.nanoTime() + 3 * clock.deadline.toNanos();
        boolean interrupted = false;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
            interrupted |= Thread.interrupted();
        }
        throw new IOException("returned late, " + (interrupted ? "interrupted" : "not interrupted"));
    }

    private static Held held(InProcessRunner runner) {
        int abandoned = runner.abandoned();
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fl4j-client-"))
                .count();
        System.gc();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new Held(threads, abandoned, runtime.totalMemory() - runtime.freeMemory());
    }
}
