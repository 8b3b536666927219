package org.fl4j.benchmarks.training;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.fl4j.FederatedLearningException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures how fast networks train: whole runs of well-known workloads, single steps by training plan and by DL4J, and the
 * matrix products alone. Results are lines of JSON on standard output; how it goes is on standard error.
 *
 * <p>Run it from the root of the repository, such as {@code mvn -q -Drun=training -Dargs="2nn-mnist --data ../mnist"}.
 */
@Command(
        name = "training",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Measures how fast networks train; prints JSON, a line a figure.")
public final class TrainingBenchmarks implements Callable<Integer> {

    private static final int WRONG = 2;
    private static final String STEP = "step";
    private static final String CLIPPED = "clipped";
    private static final String DENSE = "dense";
    private static final String TWO_THREADS = "two-threads";
    private static final String SCHEDULER = "scheduler";
    private static final Map<String, RoundsToAccuracy.Network> ROUNDS =
            Map.of("rounds-2nn", RoundsToAccuracy.Network.TWO_LAYERS, "rounds-cnn", RoundsToAccuracy.Network.CNN);

    private static final Map<String, Function<WorkloadOptions, Workload>> WORKLOADS = workloads();

    @Parameters(
            arity = "1",
            paramLabel = "WORKLOAD",
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private String name = "";

    @Mixin
    private final WorkloadOptions options = new WorkloadOptions();

    @Option(names = "--of", description = "The workload of two-threads (default: ${DEFAULT-VALUE}).")
    private String of = "2nn-mnist";

    @Option(
            names = "--repetitions",
            description =
                    "Of step, clipped, dense, scheduler and two-threads, an odd number at best (default: ${DEFAULT-VALUE}).")
    private int repetitions = 9;

    @Option(names = "--turn", description = "Seconds of a turn of step, clipped and dense (default: ${DEFAULT-VALUE}).")
    private double turn = 0.5;

    @Option(
            names = "--warm-up",
            description =
                    "Seconds of each work of step, clipped and dense before measuring (default: ${DEFAULT-VALUE}).")
    private double warmUp = 5;

    private final PrintStream out;
    private final PrintStream err;

    TrainingBenchmarks(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** The names of all benchmarks, for the help. */
    private static final class Names extends ArrayList<String> {

        private static final long serialVersionUID = 1;

        Names() {
            super(names());
        }
    }

    private static Map<String, Function<WorkloadOptions, Workload>> workloads() {
        Map<String, Function<WorkloadOptions, Workload>> workloads = new LinkedHashMap<>();
        workloads.put("lr-mnist", Digits::softmax);
        workloads.put("2nn-mnist", Digits::twoLayers);
        workloads.put("cnn-mnist", Digits::cnn);
        workloads.put("cifar10-cnn", Pictures::cifar);
        workloads.put("blazefl-cnn", Pictures::leNet);
        workloads.put("shakespeare-lstm", Characters::lstm);
        workloads.put("population", Crowd::softmax);
        return workloads;
    }

    static List<String> names() {
        List<String> names = new ArrayList<>(WORKLOADS.keySet());
        names.addAll(new TreeSet<>(ROUNDS.keySet()));
        names.add(TWO_THREADS);
        names.add(SCHEDULER);
        names.add(STEP);
        names.add(CLIPPED);
        names.add(DENSE);
        return names;
    }

    /**
     * Starts a benchmark.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    /** What the user got wrong is one line on standard error and status 2. */
    static int run(PrintStream out, PrintStream err, String... args) {
        return new CommandLine(new TrainingBenchmarks(out, err))
                .setParameterExceptionHandler((e, given) -> complain(err, e))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (e instanceof FederatedLearningException
                            || e instanceof IllegalArgumentException
                            || e instanceof IOException
                            || e instanceof UncheckedIOException) {
                        return complain(err, e);
                    }
                    throw e;
                })
                .execute(args);
    }

    private static int complain(PrintStream err, Exception e) {
        err.println("training: " + e.getMessage() + " (see --help)");
        return WRONG;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Turns.Schedule schedule = new Turns.Schedule(repetitions, turn, warmUp);
        if (name.equals(STEP)) {
            for (Measured measured : Measured.all()) {
                print(StepTimes.step(line(), measured, schedule));
            }
        } else if (name.equals(CLIPPED)) {
            for (Measured measured : Measured.all()) {
                print(StepTimes.clipped(line(), measured, schedule));
            }
        } else if (name.equals(DENSE)) {
            print(StepTimes.dense(line(), schedule));
        } else if (name.equals(TWO_THREADS)) {
            workload(of);
            print(new TwoThreads(of, options.passedOn()).measure(line(), repetitions));
        } else if (name.equals(SCHEDULER)) {
            new SchedulerCost(options).measure(repetitions, this::line, this::print);
        } else if (ROUNDS.containsKey(name)) {
            new RoundsToAccuracy(ROUNDS.get(name), options, err).measure(this::line, this::print);
        } else {
            print(new TrainingRun(workload(name).apply(options), options, options.target, err).run(line()));
        }
        return 0;
    }

    private static Function<WorkloadOptions, Workload> workload(String title) {
        Function<WorkloadOptions, Workload> workload = WORKLOADS.get(title);
        if (workload == null) {
            throw new IllegalArgumentException("there is no workload '" + title + "'; there are " + names());
        }
        return workload;
    }

    private JsonLine line() {
        return new JsonLine().add("workload", name);
    }

    private void print(JsonLine line) {
        out.println(Machine.describe(line));
    }
}
