package org.fl4j.server;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.Delivery;
import org.fl4j.client.TrainingTask;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/**
 * The remote side of a {@link org.fl4j.client.ClientRunner} that trains and sums whole blocks in other processes, such as a
 * cluster's: it returns one sum a block instead of every update, with the same bits as training in the server's JVM. A runner sends
 * {@link org.fl4j.client.ClientRunner.BlockWork#task} and hands the answer to
 * {@link org.fl4j.client.ClientRunner.BlockWork#result}.
 *
 * <p>What clients remember travels: with the task what the server has committed, with the answer what is to be staged. Clients
 * of a block are trained one after another on the calling thread; an exception of one is its outcome. Deadlines and
 * over-selection are the runner's matter.
 *
 * <p>Privacy: this process is the server's; it sees every update of its blocks.
 *
 * <p>Immutable and thread-safe as far as the provider is: blocks may be answered side by side.
 */
public final class BlockSession {

    private final LinearAggregator rule;
    private final ClientProvider clients;

    private BlockSession(LinearAggregator rule, ClientProvider clients) {
        this.rule = rule;
        this.clients = rule.localObjective().map(clients::withObjective).orElse(clients);
    }

    /**
     * A session for blocks of one server's rounds.
     *
     * @param rule configured as the server's
     * @param clients the server's population; they get the objective that the rule carries, and remember by way of the server
     * @return the session
     */
    public static BlockSession of(LinearAggregator rule, ClientProvider clients) {
        return new BlockSession(rule, clients);
    }

    /**
     * Trains and sums one block.
     *
     * @param task the bytes of {@link org.fl4j.client.ClientRunner.BlockWork#task}
     * @return the bytes for {@link org.fl4j.client.ClientRunner.BlockWork#result}
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or no block's
     * @throws ClientRunner.ServerFailureException if the rule fails, which ends the run
     * @throws RunInterruptedException if the calling thread is interrupted while a client trains; its flag stays set
     */
    @SuppressWarnings("try") // the pin is held, not used
    public byte[] answer(byte[] task) {
        BlockTask asked = BlockTask.fromBytes(task);
        LinearRound round =
                LinearRound.guarded(rule, RoundContext.ofParticipant("block " + asked.block(), rule, asked.round()));
        UpdateEncoder encoder = round.encoder();
        TravellingStates states = new TravellingStates(asked.remembered());
        ClientProvider population = clients.rememberingIn(states);
        BlockSum sum = new BlockSum(round);
        TrafficCount.Stage traffic = new TrafficCount(
                        rule.isPrivate() ? TrafficCount.Detail.COUNTS : TrafficCount.Detail.EVERY_MESSAGE)
                .unreported();
        ClientTraining.Reception<BlockSum.Encoded> reception =
                new ClientTraining.Reception<>(traffic, rule.isPrivate(), BlockSum.Encoded.by(encoder));
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            for (ClientId client : asked.clients()) {
                sum.add(train(population, client, asked, reception));
            }
        }
        Summand total = sum.sum();
        return new BlockResult(
                        asked.task().token(),
                        asked.block(),
                        total == null ? new double[0] : total.toArray(),
                        sum.outcomes(),
                        states.staged,
                        asked.clients().stream().map(traffic::answerOf).toList())
                .toBytes();
    }

    private static ClientOutcome<BlockSum.Encoded> train(
            ClientProvider population,
            ClientId client,
            BlockTask asked,
            ClientTraining.Reception<BlockSum.Encoded> reception) {
        try {
            return reception.train(() -> population.client(client), client, taskOf(client, asked, population));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException("round " + asked.task().round() + ", block " + asked.block()
                    + ": interrupted while a client was training");
        } catch (RunInterruptedException e) {
            throw e;
        } catch (Throwable e) {
            return ClientRunner.ServerFailureException.failed(client, e);
        }
    }

    /** A client that is elsewhere from here as well is told which of its updates was accepted, which travelled as its memory. */
    private static TrainingTask taskOf(ClientId client, BlockTask asked, ClientProvider population) {
        TrainingTask task = Cohort.taskOf(client, asked.task());
        if (!population.rememberElsewhere()) {
            return task;
        }
        Delivery ofAll = task.delivery();
        ComponentState memory = population.clientStates().read(client);
        return task.with(Delivery.of(ofAll.held(), Delivery.Accepted.in(memory), true, Optional.empty())
                .with(ofAll.weights()));
    }

    /** Reads what came with the task and keeps what goes back with the answer. */
    private static final class TravellingStates implements ClientStateStore {

        private final Map<ClientId, ComponentState> remembered;
        private final Map<ClientId, ComponentState> staged = new LinkedHashMap<>();

        TravellingStates(Map<ClientId, ComponentState> remembered) {
            this.remembered = remembered;
        }

        @Override
        public ComponentState read(ClientId client) {
            return remembered.getOrDefault(client, ComponentState.EMPTY);
        }

        @Override
        public void stage(ClientId client, int round, long token, ComponentState state) {
            staged.put(client, state);
        }

        @Override
        public ClientStateStore.Claim claim(RunId run, int round) {
            throw atTheServer();
        }

        @Override
        public long begin(int round) {
            throw atTheServer();
        }

        @Override
        public void commit(int round, Collection<ClientId> accepted) {
            throw atTheServer();
        }

        @Override
        public void forgetBefore(int round) {
            throw atTheServer();
        }

        @Override
        public void forget(ClientId client) {
            throw atTheServer();
        }

        @Override
        public void eraseHistory() {
            throw atTheServer();
        }

        private static UnsupportedOperationException atTheServer() {
            return new UnsupportedOperationException("states are committed at the server, not where a block trains");
        }
    }
}
