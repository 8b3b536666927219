package org.fl4j.server;

import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.server.internal.BusyClients;

/**
 * The remote side of a {@link ClientRunner} that trains and sums whole blocks in other processes, such as a cluster's: it returns
 * one sum a block instead of every update, with the same bits as training in the server's JVM. A runner sends
 * {@link ClientRunner.BlockWork#shared} once and {@link ClientRunner.BlockWork#task} for each block, and hands the answer to
 * {@link ClientRunner.BlockWork#result}.
 *
 * <p>What clients remember travels: with the task what the server has committed, with the answer what is to be staged. An
 * exception of a client is its outcome, and so is a missed deadline. Over-selection is the runner's matter.
 *
 * <p>Privacy: this process is the server's; it sees every update of its blocks.
 *
 * <p>Thread-safe as far as the provider is: blocks may be answered side by side. A client that is at work on one is not called
 * for one of another round; for its own block, asked for again after an interrupt, it is waited for.
 */
public final class BlockSession {

    private final LinearAggregator rule;
    private final ClientProvider clients;
    private final ClientRunner runner;
    private final BusyClients busy = new BusyClients();

    private BlockSession(LinearAggregator rule, ClientProvider clients, ClientRunner runner) {
        this.rule = rule;
        this.clients = rule.localObjective().map(clients::withObjective).orElse(clients);
        this.runner = runner;
    }

    /**
     * A session for blocks of one server's rounds.
     *
     * @param rule configured as the server's
     * @param clients the server's population; they get the objective that the rule carries, and remember by way of the server
     * @param runner trains the clients of a block, here; several blocks at a time if {@link BlockRound#answer} is called so
     * @return the session
     */
    public static BlockSession of(LinearAggregator rule, ClientProvider clients, ClientRunner runner) {
        return new BlockSession(rule, clients, runner);
    }

    /**
     * Begins a round.
     *
     * @param shared the bytes of {@link ClientRunner.BlockWork#shared}
     * @return answers the round's blocks
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or no round's
     * @throws IllegalStateException if the rule here is configured otherwise than the server's, as far as its sum shows it
     */
    public BlockRound begin(byte[] shared) {
        BlockTerms terms = BlockTerms.fromBytes(shared);
        LinearRound round = LinearRound.guarded(rule, RoundContext.ofParticipant("a block", rule, terms.round()));
        String segments = BlockTerms.inWords(round.segments());
        if (!segments.equals(terms.segments())) {
            throw new IllegalStateException(
                    "round " + terms.task().round() + ": the server's rule sums " + terms.segments()
                            + ", but the rule where a block trains sums " + segments + "; are both configured alike?");
        }
        return new BlockRound(rule, round, terms.task(), clients, busy, runner);
    }
}
