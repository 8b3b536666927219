package org.fl4j.server;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.Delivery;
import org.fl4j.client.TrainingTask;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.state.ComponentState;
import org.fl4j.state.TravellingClientStates;

/** One round of a {@link BlockSession}. Thread-safe: blocks may be answered side by side. */
public final class BlockRound {

    private final LinearAggregator rule;
    private final LinearRound round;
    private final TrainingTask ofAll;
    private final ClientProvider clients;
    private final BusyClients busy;
    private final ClientRunner runner;

    BlockRound(
            LinearAggregator rule,
            LinearRound round,
            TrainingTask ofAll,
            ClientProvider clients,
            BusyClients busy,
            ClientRunner runner) {
        this.rule = rule;
        this.round = round;
        this.ofAll = ofAll;
        this.clients = clients;
        this.busy = busy;
        this.runner = runner;
    }

    /**
     * Trains and sums one block.
     *
     * @param task the bytes of {@link ClientRunner.BlockWork#task}
     * @param limits how much of the round's time is left; all clients that complete by then are in the sum
     * @return the bytes for {@link ClientRunner.BlockWork#result}
     * @throws CorruptDataException if the bytes are damaged, or a block's of another round
     * @throws RuntimeException as it is, if the rule throws it, which ends the run
     * @throws RunInterruptedException if the calling thread is interrupted; its flag stays set
     */
    @SuppressWarnings("try") // the pin is held, not used
    public byte[] answer(byte[] task, ClientRunner.Limits limits) {
        BlockTask asked = BlockTask.fromBytes(task);
        if (asked.token() != ofAll.token()) {
            throw new CorruptDataException("round " + ofAll.round() + ": block " + asked.block()
                    + " must be of this attempt, but was of another one or of another run");
        }
        TravellingClientStates states = new TravellingClientStates(asked.remembered());
        ClientProvider population = clients.rememberingIn(states);
        TrafficCount.Stage traffic = new TrafficCount(
                        rule.isPrivate() ? TrafficCount.Detail.COUNTS : TrafficCount.Detail.EVERY_MESSAGE)
                .unreported();
        BlockSum sum = new BlockSum(round);
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            runner.run(
                    asked.clients(),
                    new Again<>(
                            new ClientTraining<>(
                                    population,
                                    busy,
                                    client -> taskOf(client, population),
                                    new ClientTraining.Reception<>(
                                            traffic, rule.isPrivate(), BlockSum.Encoded.by(round.encoder()))),
                            busy,
                            ofAll.round()),
                    limits,
                    sum::add);
        }
        Summand total = sum.sum();
        return new BlockResult(
                        asked.token(),
                        asked.block(),
                        total == null ? new double[0] : total.toArray(),
                        sum.outcomes(),
                        states.staged(sum.accepted()),
                        asked.clients().stream().map(traffic::answerOf).toList())
                .toBytes();
    }

    /** A client that is elsewhere from here as well is told which of its updates was accepted, which travelled as its memory. */
    private TrainingTask taskOf(ClientId client, ClientProvider population) {
        TrainingTask task = Cohort.taskOf(client, ofAll);
        if (!population.rememberElsewhere()) {
            return task;
        }
        ComponentState memory = population.clientStates().read(client);
        return task.with(Delivery.of(ofAll.delivery().held(), Delivery.Accepted.in(memory), true, Optional.empty())
                .with(ofAll.delivery().weights()));
    }

    /**
     * A block that was interrupted may be asked for again before its clients have returned: that they are inside a call of the
     * same round is no reason to leave them out.
     */
    private record Again<T>(ClientRunner.Work<T> work, BusyClients busy, int round) implements ClientRunner.Work<T> {

        @Override
        public ClientOutcome<T> perform(ClientId client) throws Exception {
            busy.awaitReturn(client, round);
            return work.perform(client);
        }

        @Override
        public CompletionStage<Callable<ClientOutcome<T>>> start(ClientId client) throws Exception {
            busy.awaitReturn(client, round);
            return work.start(client);
        }
    }
}
