package org.fl4j.server;

import java.time.Duration;
import java.util.Optional;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.compression.Downlink;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.selection.ClientSelector;

/** What asynchronous rounds cannot be combined with. */
record AsynchronyCheck(Aggregator rule, ClientSelector selector, RoundPolicy policy, AsynchronousRounds rounds) {

    /** @param remember whether clients remember something that is not the rule's objective's, which answers for itself */
    void run(
            int population,
            boolean remember,
            Downlink downlink,
            Optional<Validation> validation,
            Optional<ClientRunner> runner) {
        if (rule instanceof SecureAggregator) {
            throw rejected("a secure rule", "masks need a fixed cohort; use a direct rule, or synchronous rounds");
        }
        rule.localObjective()
                .flatMap(objective -> objective
                        .needsSynchronousCohort()
                        .map(why -> "the objective '" + objective.name() + "' of " + rule + ": " + why))
                .ifPresent(what -> {
                    throw rejected(what, "use a rule whose clients minimise empirical risk or FedProx's objective");
                });
        if (policy.overSelection() > 0) {
            throw rejected(
                    "over-selection of " + policy.overSelection(), "the buffer says how many updates are enough");
        }
        if (policy.minUpdates() > 0) {
            throw rejected("minUpdates of " + policy.minUpdates(), "a round ends when its buffer is full");
        }
        if (policy.retries().most() > 0) {
            throw rejected(
                    policy.retries().most() + " retries", "a task that fails is replaced while its round goes on");
        }
        if (remember) {
            throw rejected(
                    "clients that remember, such as those whose model keeps LOCAL parameters",
                    "what they remember is kept in step with rounds that end for all of a cohort at once");
        }
        if (!downlink.isNone()) {
            throw rejected(
                    "downlink(" + downlink + ")",
                    "tasks of several versions are under way; weights travel as they are");
        }
        if (validation.filter(Validation::changesClientRate).isPresent()) {
            throw rejected(
                    "a plateau of the clients' learning rate",
                    "tasks of several versions are under way; use Plateau.ofServer");
        }
        checkSelector(population);
        runner.ifPresent(this::checkRunner);
        // A function that answers nonsense is the caller's bug, so it is asked before any client.
        rounds.weightAt(0);
        rounds.weightAt(rounds.maxStaleness());
    }

    /** Before a run has claimed its stores: a stream of nothing tells whether there are any. */
    private void checkRunner(ClientRunner runner) {
        ClientRunner.Start start = new ClientRunner.Start(1, 0, 0, Duration.ZERO);
        try (TaskStream<?> stream = runner.open(start, policy.deadline(), rounds.buffer())) {
            stream.now();
        } catch (UnsupportedOperationException e) {
            throw new IllegalStateException("asynchronous rounds reject the runner: " + e.getMessage(), e);
        }
    }

    private void checkSelector(int population) {
        if (!selector.fillsPlaces()) {
            throw rejected(
                    "the selection " + selector.scheme(),
                    "it chooses cohorts and cannot fill places one by one; use ClientSelector.uniform("
                            + rounds.concurrency() + ")");
        }
        if (selector.scheme() instanceof SamplingScheme.FixedSize fixed && fixed.size() != rounds.concurrency()) {
            throw rejected(
                    "a sample of " + fixed.size(),
                    rounds.concurrency() + " clients are at work; use ClientSelector.uniform(" + rounds.concurrency()
                            + ")");
        }
        if (selector.scheme() instanceof SamplingScheme.EveryClient && population > rounds.concurrency()) {
            throw rejected(
                    "ClientSelector.all",
                    "of " + population + " clients " + rounds.concurrency()
                            + " are at work, always the first that are free; use ClientSelector.uniform("
                            + rounds.concurrency() + ")");
        }
        if (population < rounds.buffer()) {
            throw rejected(
                    "a buffer of " + rounds.buffer(),
                    "there are " + population + " clients, and each fills one slot at most");
        }
    }

    private static IllegalStateException rejected(String what, String why) {
        return new IllegalStateException("asynchronous rounds reject " + what + ": " + why);
    }
}
