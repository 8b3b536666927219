package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.AvailabilityWindows;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;

/** What tests of asynchronous rounds share. */
abstract class AsynchronousFixture {

    static final Latency HEAVY = Latency.pareto(Duration.ofMinutes(1), 1.2);

    final List<RoundResult> heard = new ArrayList<>();

    static ServerBuilder builder(DirectAggregator rule, int clients) {
        return FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(clients, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.uniform(10));
    }

    static List<Double> stalenesses(RoundResult result) {
        return Toy.report(result).outcomes().stream()
                .filter(ClientOutcome.Completed.class::isInstance)
                .map(outcome -> ((ClientOutcome.Completed<ClientUpdate.Receipt>) outcome)
                        .result()
                        .scalars()
                        .get(ClientUpdate.STALENESS))
                .toList();
    }

    static AvailabilityWindows.Window window(int from, int to) {
        return new AvailabilityWindows.Window(Duration.ofHours(from), Duration.ofHours(to));
    }

    static Latency byNumber(int... hours) {
        return (client, random) ->
                Duration.ofHours(hours[Integer.parseInt(client.value().substring(7))]);
    }

    static ServerBuilder asynchronous(int clients, AsynchronousRounds rounds) {
        return builder(clients)
                .selector(ClientSelector.uniform(rounds.concurrency()))
                .asynchronous(rounds);
    }

    static ServerBuilder builder(int clients) {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(clients, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .optimizer(Toy.counting());
    }

    RoundListener hears() {
        return new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                heard.add(result);
            }
        };
    }

    ServerState run(ServerBuilder builder, Latency latency, ServerState from, int rounds) {
        return run(builder, latency, 2, from, rounds);
    }

    static final Latency NONE = Latency.constant(Duration.ZERO);

    ServerBuilder faulty(AsynchronousRounds rounds) {
        return builder(50, ClientSelector.uniform(rounds.concurrency()))
                .clients(ScriptedPopulation.of(50, (self, task) -> {
                    if (Math.floorMod(task.seed(), 5) == 0) {
                        throw new IOException("gone");
                    }
                    return Toy.wanders(self, task);
                }))
                .asynchronous(rounds);
    }

    ServerBuilder builder(int clients, ClientSelector selector) {
        return builder(MeanRule.plain(), clients, selector);
    }

    ServerBuilder builder(DirectAggregator rule, int clients, ClientSelector selector) {
        return FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(clients, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .optimizer(Toy.counting())
                .selector(selector);
    }

    static String rejection(ServerBuilder builder) {
        return assertThrows(IllegalStateException.class, builder::build).getMessage();
    }

    ServerState run(ServerBuilder builder, Latency latency, int threads, ServerState from, int rounds) {
        return result(builder, latency, threads, from, rounds).state();
    }

    RoundResult result(ServerBuilder builder, Latency latency, int threads, ServerState from, int rounds) {
        try (InProcessRunner inner = InProcessRunner.of(threads);
                FederatedServer server = builder.runner(VirtualRunner.over(inner, latency))
                        .listeners(hears())
                        .build()) {
            return server.run(from, rounds);
        }
    }
}
