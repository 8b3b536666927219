package org.fl4j.benchmarks.training;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a second thread brings: one process with two threads against two processes with one thread each, side by side, and
 * against one alone. In turns, each in a JVM of its own that starts cold; medians over the repetitions.
 */
final class TwoThreads {

    private static final Pattern MICROSECONDS = Pattern.compile("\"microsecondsAStep\": ([0-9.]+)");

    private final String workload;
    private final List<String> options;

    /**
     * Of a workload.
     *
     * @param options of the workload, as on the command line, without the number of threads
     */
    TwoThreads(String workload, List<String> options) {
        this.workload = workload;
        this.options = options;
    }

    JsonLine measure(JsonLine line, int repetitions) throws IOException, InterruptedException {
        double[] alone = new double[repetitions];
        double[] processes = new double[repetitions];
        double[] threads = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            alone[i] = stepsASecond(start(1));
            Process first = start(1);
            Process second = start(1);
            try {
                processes[i] = stepsASecond(first) + stepsASecond(second);
            } finally {
                second.destroy();
            }
            threads[i] = stepsASecond(start(2));
        }
        return line.add("of", workload)
                .add("repetitions", repetitions)
                .add("stepsASecondAlone", median(alone), 1)
                .add("stepsASecondOfTwoProcesses", median(processes), 1)
                .add("stepsASecondOfTwoThreads", median(threads), 1)
                .add("threadsOverProcesses", median(ratios(threads, processes)), 3)
                .add("threadsOverAlone", median(ratios(threads, alone)), 3)
                .add("processesOverAlone", median(ratios(processes, alone)), 3);
    }

    private Process start(int threads) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TrainingBenchmarks.class.getName()));
        command.add(workload);
        command.addAll(options);
        command.addAll(List.of("--threads", Integer.toString(threads)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private double stepsASecond(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher microseconds = MICROSECONDS.matcher(out);
        if (process.waitFor() != 0 || !microseconds.find()) {
            throw new IllegalArgumentException("a run of " + workload + " with " + options + " failed with status "
                    + process.exitValue() + "; run it alone to see why");
        }
        return 1e6 / Double.parseDouble(microseconds.group(1));
    }

    private static double[] ratios(double[] over, double[] under) {
        double[] ratios = new double[over.length];
        for (int i = 0; i < over.length; i++) {
            ratios[i] = over[i] / under[i];
        }
        return ratios;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
