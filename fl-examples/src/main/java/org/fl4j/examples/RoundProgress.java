package org.fl4j.examples;

import java.util.Locale;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.jspecify.annotations.Nullable;

/** A {@linkplain Progress progress bar} with round, training loss, test accuracy and time left. */
final class RoundProgress implements RoundListener, Evaluation.Listener, AutoCloseable {

    private @Nullable Progress rounds;
    private String loss = "";
    private String accuracy = "";

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int asked) {
        rounds = new Progress("round", asked);
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (result instanceof RoundResult.Advanced advanced) {
            advanced.report().loss().ifPresent(mean -> loss = String.format(Locale.ROOT, "loss %.3f", mean));
        }
        if (rounds != null) {
            rounds.step(loss + accuracy);
        }
    }

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        evaluation.accuracy().ifPresent(a -> accuracy = String.format(Locale.ROOT, " accuracy %.3f", a));
    }

    @Override
    public void runEnded() {
        close();
    }

    @Override
    public void close() {
        if (rounds != null) {
            rounds.close();
        }
    }
}
