package org.fl4j.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TaskStream;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;

/**
 * The updates of one asynchronous round, as the rule combines them. A private rule's counts slots: whatever arrives fills
 * one.
 */
final class UpdateBuffer implements AutoCloseable {

    private final int round;
    private final boolean isPrivate;
    private final AsynchronousRounds rounds;
    private final Aggregation aggregation;
    /** Of a linear rule, which can damp what it has clipped. */
    private final @Nullable UpdateEncoder encoder;

    private final List<ClientId> accepted = new ArrayList<>();
    private int slots;
    private int totalStaleness;
    /** What the last slot's task began with, for mixing. */
    private @Nullable ModelWeights version;

    private int staleness;

    private UpdateBuffer(Aggregator rule, int round, AsynchronousRounds rounds, DirectRound its) {
        this.round = round;
        this.isPrivate = rule.isPrivate();
        this.rounds = rounds;
        this.aggregation = its.aggregation();
        this.encoder =
                its instanceof LinearRound linear && aggregation instanceof LinearAggregation ? linear.encoder() : null;
    }

    /** Begins a round of the rule; what does not fit is thrown here, before anything is spent. */
    static UpdateBuffer begin(Aggregator rule, RoundContext context, AsynchronousRounds rounds) {
        DirectRound round = DirectRound.guarded((DirectAggregator) rule, context);
        if (!round.taskVectors().isEmpty()) {
            throw new IllegalStateException(
                    rule + " sends clients " + round.taskVectors().keySet()
                            + " beside the weights, of one round for all of a cohort; asynchronous rounds have no such cohort");
        }
        return new UpdateBuffer(rule, context.round(), rounds, round);
    }

    boolean isFull() {
        return size() == rounds.buffer();
    }

    int size() {
        return isPrivate ? slots : accepted.size();
    }

    /** Adds what has arrived, of a task that began with a version of the weights. */
    ClientOutcome<ClientUpdate.Receipt> add(TaskStream.Arrival<ClientUpdate> arrival, ModelWeights from) {
        int its = round - arrival.task().round();
        slots++;
        // Whether a private rule's slot is empty must not show.
        version = from;
        staleness = its;
        if (!(arrival.outcome() instanceof ClientOutcome.Completed<ClientUpdate> completed)) {
            return arrival.outcome().map(ClientUpdate.Receipt::of);
        }
        ClientUpdate update = completed.result();
        try {
            add(update, rounds.mixing().isPresent() ? 1 : rounds.weightAt(its));
        } catch (UpdateRejectedException e) {
            return new ClientOutcome.Rejected<>(
                    update.client(), e.of(update.client(), update.round()).reason());
        } catch (ClientRunner.ServerFailureException e) {
            throw ours(e);
        }
        accepted.add(update.client());
        totalStaleness += its;
        Map<String, Double> scalars = new HashMap<>(update.scalars());
        scalars.put(ClientUpdate.STALENESS, (double) its);
        return new ClientOutcome.Completed<>(
                update.client(),
                new ClientUpdate.Receipt(ClientUpdate.Receipt.of(update).numExamples(), scalars));
    }

    private void add(ClientUpdate update, double damping) {
        if (encoder != null) {
            UpdateEncoder.Contribution contribution =
                    ClientRunner.ServerFailureException.ofRule(isPrivate, () -> encoder.encode(update, damping));
            ((LinearAggregation) aggregation).add(accepted.size(), contribution);
            return;
        }
        ClientUpdate damped = update.damped(damping);
        ClientRunner.ServerFailureException.ofRule(isPrivate, () -> aggregation.refusal(damped))
                .ifPresent(why -> {
                    throw new UpdateRejectedException(why);
                });
        aggregation.add(accepted.size(), damped);
    }

    private static RuntimeException ours(ClientRunner.ServerFailureException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    /** The aggregate, mixed if that is asked for, with the mean staleness unless it is private. */
    UpdateCollector.Collected collected(List<ClientOutcome<ClientUpdate.Receipt>> outcomes, ModelWeights global) {
        Optional<String> shortfall = aggregation.shortfall();
        if (shortfall.isPresent()) {
            return UpdateCollector.Collected.nothing(outcomes, "round " + round + ": " + shortfall.get());
        }
        Aggregation.Result result = aggregation.finish();
        Map<String, Double> metrics = new HashMap<>(result.metrics());
        if (!isPrivate) {
            metrics.put(ClientUpdate.STALENESS, (double) totalStaleness / accepted.size());
        }
        return UpdateCollector.Collected.of(
                outcomes, accepted, new Aggregation.Result(mixed(result.aggregate(), global), result.state(), metrics));
    }

    /** a_s (aggregate + version - global). */
    private ModelDelta mixed(ModelDelta aggregate, ModelWeights global) {
        if (rounds.mixing().isEmpty() || version == null) {
            return aggregate;
        }
        double alpha = rounds.mixing().getAsDouble() * rounds.weightAt(staleness);
        return aggregate.plus(version.minus(global)).times(alpha);
    }

    @Override
    public void close() {
        aggregation.close();
    }
}
