package org.fl4j.benchmarks.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a user can change about a workload. */
final class WorkloadOptions {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Read real data from DIR: MNIST's IDX files, CIFAR-10's binary files, Shakespeare's input.txt."
                            + " Without it, data of the same shapes are drawn.")
    private @Nullable Path data;

    @Option(names = "--clients", description = "How many clients there are (default: the workload's).")
    private int clients;

    @Option(
            names = "--examples",
            description = "How many examples a client has, of drawn data (default: the workload's).")
    private int examples;

    @Option(names = "--cohort", description = "How many clients train in a round (default: the workload's).")
    private int cohort;

    @Option(names = "--rounds", description = "How many rounds (default: the workload's).")
    private int rounds;

    @Option(names = "--threads", description = "Clients at a time (default: ${DEFAULT-VALUE}).")
    int threads = 1;

    @Option(names = "--target", description = "End the run at an evaluation of this accuracy.")
    double target = Double.POSITIVE_INFINITY;

    @Option(names = "--rate", description = "The only learning rate of rounds-2nn and rounds-cnn (default: three).")
    double rate;

    @Option(names = "--iid-only", description = "Leave out the shards of rounds-2nn and rounds-cnn.")
    boolean iidOnly;

    @Option(names = "--plain", description = "Train by DL4J alone, without training plans.")
    boolean plain;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    long seed = 42;

    /** For the command line of another process: all that decides what is trained. */
    List<String> passedOn() {
        List<String> arguments = new ArrayList<>(List.of("--seed", Long.toString(seed)));
        data().ifPresent(folder -> arguments.addAll(List.of("--data", folder.toString())));
        passOn(arguments, "--clients", clients);
        passOn(arguments, "--examples", examples);
        passOn(arguments, "--cohort", cohort);
        passOn(arguments, "--rounds", rounds);
        if (plain) {
            arguments.add("--plain");
        }
        return arguments;
    }

    private static void passOn(List<String> arguments, String option, int value) {
        if (value != 0) {
            arguments.addAll(List.of(option, Integer.toString(value)));
        }
    }

    Optional<Path> data() {
        return Optional.ofNullable(data);
    }

    int clientsOr(int standard) {
        return chosen("--clients", clients, standard);
    }

    int examplesOr(int standard) {
        return chosen("--examples", examples, standard);
    }

    int cohortOr(int standard) {
        return chosen("--cohort", cohort, standard);
    }

    int roundsOr(int standard) {
        return chosen("--rounds", rounds, standard);
    }

    private static int chosen(String option, int value, int standard) {
        if (value < 0) {
            throw new IllegalArgumentException(option + " must be at least 1, but was " + value);
        }
        return value == 0 ? standard : value;
    }
}
