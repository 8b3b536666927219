package org.fl4j.examples;

import java.io.Console;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.jspecify.annotations.Nullable;

/** A progress bar with round, training loss, test accuracy and time left; nothing where there is no terminal. */
final class RoundProgress implements RoundListener, Evaluation.Listener, AutoCloseable {

    private @Nullable ProgressBar bar;
    private String loss = "";
    private String accuracy = "";

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
        if (hasTerminal()) {
            bar = new ProgressBarBuilder()
                    .setTaskName("round")
                    .setInitialMax(rounds)
                    .setStyle(ProgressBarStyle.ASCII)
                    .showSpeed()
                    .build();
        }
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (result instanceof RoundResult.Advanced advanced) {
            advanced.report().loss().ifPresent(mean -> loss = String.format(Locale.ROOT, "loss %.3f", mean));
        }
        if (bar != null) {
            bar.setExtraMessage(loss + accuracy);
            bar.step();
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
        if (bar != null) {
            bar.close();
        }
    }

    /** Since JDK 22 a console may exist without a terminal behind it; before that it is absent then. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean hasTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
