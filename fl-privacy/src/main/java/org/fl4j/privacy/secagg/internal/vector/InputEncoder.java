package org.fl4j.privacy.secagg.internal.vector;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.SecureParticipant.LocalWork;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.RunInterruptedException;
import org.fl4j.client.ServerFailureException;
import org.fl4j.random.Seeds;
import org.jspecify.annotations.Nullable;

/**
 * Trains, encodes and rounds: a client's integers, still in the clear, which the client masks and erases. Under a private
 * rule a client that fails contributes zeros, as it does in the clear: its data must not decide how many clients are left, and so
 * whether noise is released.
 *
 * @param self whose
 * @param summed the round of the rule
 * @param plan steps and widths
 * @param isPrivate whether the rule spends a privacy budget
 */
public record InputEncoder(ClientId self, LinearRound summed, VectorPlan plan, boolean isPrivate) {

    /** The integers of one update; the caller erases them. */
    public RingVector of(LocalWork local) throws Exception {
        AtomicReference<@Nullable RingVector> integers = new AtomicReference<>();
        long seed = Seeds.derive(local.task().seed(), "stochastic rounding");
        try {
            local.train(update -> encode(update, seed, integers));
        } catch (Throwable e) {
            RingVector encoded = integers.get();
            if (encoded != null) {
                encoded.erase();
            }
            if (!isPrivate || isNotTheClients(e)) {
                throw e;
            }
            return RingVector.zero(plan);
        }
        RingVector result = integers.get();
        if (result == null) {
            throw new IllegalStateException("client '" + self + "': its update was not put to the rule's check");
        }
        return result;
    }

    /** An interrupt, after which nobody waits for the answer; the server's failure is thrown, to end the run. */
    private boolean isNotTheClients(Throwable thrown) {
        ServerFailureException.failed(self, thrown);
        return thrown instanceof InterruptedException
                || thrown instanceof RunInterruptedException
                || Thread.currentThread().isInterrupted();
    }

    private Optional<String> encode(ClientUpdate update, long seed, AtomicReference<@Nullable RingVector> into) {
        UpdateEncoder encoder = summed.encoder();
        Optional<String> refusal = encoder.refusal(update);
        if (refusal.isPresent()) {
            return refusal;
        }
        Summand encoded = Summand.zero(summed.segments());
        Quantizer.Result quantized;
        try {
            encoder.encode(update, encoded);
            quantized = Quantizer.of(encoded, plan, seed);
        } finally {
            encoded.erase();
        }
        if (quantized instanceof Quantizer.Refused refused) {
            return Optional.of(refused.reason());
        }
        RingVector before = into.getAndSet(((Quantizer.Integers) quantized).vector());
        if (before != null) {
            before.erase();
        }
        return Optional.empty();
    }
}
