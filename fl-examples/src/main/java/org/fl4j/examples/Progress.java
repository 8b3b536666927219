package org.fl4j.examples;

import java.io.Console;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error with the time left; nothing where there is no terminal. */
final class Progress implements AutoCloseable {

    private final @Nullable ProgressBar bar;

    /** Begins at none of so many of what is counted. */
    Progress(String counted, int all) {
        bar = hasTerminal()
                ? new ProgressBarBuilder()
                        .setTaskName(counted)
                        .setInitialMax(all)
                        .setStyle(ProgressBarStyle.ASCII)
                        .showSpeed()
                        .build()
                : null;
    }

    /** One more, and what is to be read beside the bar. */
    void step(String message) {
        if (bar != null) {
            bar.setExtraMessage(message);
            bar.step();
        }
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
