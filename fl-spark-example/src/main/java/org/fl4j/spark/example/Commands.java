package org.fl4j.spark.example;

import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.fl4j.FederatedLearningException;
import picocli.CommandLine;

/** Runs the example as a command: what the user got wrong is one line on standard error and exit status 2. */
final class Commands {

    private static final int WRONG = 2;

    private Commands() {}

    static int run(Callable<Integer> command, String... args) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, given) -> complain(e.getCommandLine(), e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (isUsersMistake(e)) {
                        return complain(commandLine, e);
                    }
                    throw e;
                })
                .execute(args);
    }

    static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be at least 1, but was " + value);
        }
    }

    /** @throws IllegalArgumentException if Spark does not start with these settings, as with a master that it cannot read */
    static JavaSparkContext context(SparkConf conf) {
        try {
            return new JavaSparkContext(conf);
        } catch (Exception e) { // a SparkException too, which Scala does not declare
            throw new IllegalArgumentException("Spark does not start: " + e.getMessage(), e);
        }
    }

    private static boolean isUsersMistake(Exception e) {
        return e instanceof FederatedLearningException
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException // a master that does not answer, executors with other bits
                || e instanceof UncheckedIOException;
    }

    private static int complain(CommandLine commandLine, Exception e) {
        commandLine.getErr().println(commandLine.getCommandName() + ": " + reason(e) + " (see --help)");
        return WRONG;
    }

    /** With its cause, where the message does not have it already. */
    private static String reason(Throwable e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        Throwable cause = e.getCause();
        return cause == null || reason.contains(String.valueOf(cause.getMessage()))
                ? reason
                : reason + ": " + reason(cause);
    }
}
