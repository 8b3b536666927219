package org.fl4j.spark.example;

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

/** A progress bar with the last accuracy; a line an evaluation where there is no terminal. */
final class RoundProgress implements RoundListener, Evaluation.Listener {

    private final String name;
    private @Nullable ProgressBar bar;
    private double accuracy;

    RoundProgress(String name) {
        this.name = name;
    }

    @Override
    public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
        if (hasTerminal()) {
            bar = new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax(rounds)
                    .setStyle(ProgressBarStyle.ASCII)
                    .build();
        }
    }

    @Override
    public void roundEnded(RoundResult result) {
        if (bar != null) {
            bar.step();
        }
    }

    @Override
    public void evaluated(int round, Evaluation evaluation) {
        accuracy = evaluation.accuracy().orElse(0);
        if (bar == null) {
            System.out.printf(Locale.ROOT, "%s: round %d, accuracy %.4f%n", name, round, accuracy);
        } else {
            bar.setExtraMessage(String.format(Locale.ROOT, " accuracy %.3f", accuracy));
        }
    }

    @Override
    public void runEnded() {
        if (bar != null) {
            bar.close();
        }
    }

    double accuracy() {
        return accuracy;
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
