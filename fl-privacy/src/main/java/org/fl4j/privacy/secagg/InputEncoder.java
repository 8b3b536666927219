package org.fl4j.privacy.secagg;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.aggregation.SecureParticipant.LocalWork;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.RunInterruptedException;
import org.fl4j.client.ServerFailureException;
import org.fl4j.privacy.secagg.internal.vector.Quantized;
import org.fl4j.privacy.secagg.internal.vector.Quantizer;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.random.Seeds;
import org.jspecify.annotations.Nullable;

/**
 * Trains, encodes and rounds: a client's integers, still in the clear, which never leave {@link ClientSession}. Under a
 * private rule a client that fails contributes zeros, as it does in the clear: its data must not decide how many clients are
 * left, and so whether noise is released.
 */
final class InputEncoder {

    private final VerifiedAnnouncement announced;

    InputEncoder(VerifiedAnnouncement announced) {
        this.announced = announced;
    }

    RingVector of(LocalWork local) throws Exception {
        if (!local.task().fingerprint().equals(announced.task())) {
            throw announced.violation("the task is not the one that it advertised its keys for");
        }
        AtomicReference<@Nullable RingVector> integers = new AtomicReference<>();
        long seed = Seeds.derive(local.task().seed(), "stochastic rounding");
        try {
            local.train(update -> encode(update, seed, integers));
        } catch (Throwable e) {
            RingVector encoded = integers.get();
            if (encoded != null) {
                encoded.erase();
            }
            if (!announced.terms().isPrivate() || isNotTheClients(e)) {
                throw e;
            }
            return RingVector.zero(announced.terms().plan());
        }
        RingVector result = integers.get();
        if (result == null) {
            throw new IllegalStateException(
                    "client '" + announced.self() + "': its update was not put to the rule's check");
        }
        return result;
    }

    /** An interrupt, after which nobody waits for the answer; the server's failure is thrown, to end the run. */
    private boolean isNotTheClients(Throwable thrown) {
        ServerFailureException.failed(announced.self(), thrown);
        return thrown instanceof InterruptedException
                || thrown instanceof RunInterruptedException
                || Thread.currentThread().isInterrupted();
    }

    private Optional<String> encode(ClientUpdate update, long seed, AtomicReference<@Nullable RingVector> into) {
        UpdateEncoder encoder = announced.terms().summed().encoder();
        Optional<String> refusal = encoder.refusal(update);
        if (refusal.isPresent()) {
            return refusal;
        }
        Summand encoded = Summand.zero(announced.terms().segments());
        Quantized quantized;
        try {
            encoder.encode(update, encoded);
            quantized = Quantizer.of(encoded, announced.terms().plan(), seed);
        } finally {
            encoded.erase();
        }
        if (quantized instanceof Quantized.Refused refused) {
            return Optional.of(refused.reason());
        }
        RingVector before = into.getAndSet(((Quantized.Integers) quantized).vector());
        if (before != null) {
            before.erase();
        }
        return Optional.empty();
    }
}
