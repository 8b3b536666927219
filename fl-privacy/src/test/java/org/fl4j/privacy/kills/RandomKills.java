package org.fl4j.privacy.kills;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fl4j.client.InProcessRunner;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * Kills the processes of runs at random moments, starts each run again until it ends, and compares its end with that of a run
 * that was never killed.
 *
 * @param folder for the files of all runs
 * @param setting what runs
 * @param rounds of each run
 * @param killsARun how many of one run at most; then it may end
 */
record RandomKills(Path folder, Setting setting, int rounds, int killsARun) {

    private static final long LONGEST_SECONDS = 300;

    /** The share of kills within this time of a process's start; the others are as long after it began to train. */
    private static final double AT_START = 0.2;

    private static final int LATEST_MILLIS = 400;

    private static final double DELTA = 1e-5;

    /**
     * What was seen.
     *
     * @param kills of processes that had not ended
     * @param phases how many kills fell into each
     * @param charged rounds, by the journals of all runs
     * @param drawn rounds whose noise was drawn
     * @param faults in words; none if all was well
     */
    record Found(int kills, int runs, Map<Phase, Integer> phases, long charged, long drawn, List<String> faults) {}

    private record End(ServerState state, List<ComponentState> clients) {}

    Found run(int kills, long seed) throws IOException, InterruptedException {
        DeterministicRandom random = new DeterministicRandom(seed);
        Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
        List<String> faults = new ArrayList<>();
        Optional<End> undisturbed = setting.continues() ? Optional.of(played(new TreeSet<>())) : Optional.empty();
        int killed = 0;
        int runs = 0;
        long charged = 0;
        long drawn = 0;
        while (killed < kills) {
            RunFolder here = new RunFolder(Files.createTempDirectory(folder, setting + "-"));
            boolean ended = false;
            for (int i = 0; i < killsARun && killed < kills && !ended; i++) {
                ended = !killed(
                        here, random.nextDouble() < AT_START, (long) (LATEST_MILLIS * random.nextDouble()), faults);
                if (!ended) {
                    killed++;
                    phases.merge(here.lastPhase().orElse(Phase.START), 1, Integer::sum);
                    judgeLedger(here, faults);
                }
            }
            runs++;
            finish(here, faults);
            judge(here, undisturbed.isPresent() ? undisturbed.get() : played(here.startedFrom()), faults);
            charged += setting.isPrivate() ? here.charged() : 0;
            drawn += here.drawn();
        }
        return new Found(killed, runs, phases, charged, drawn, faults);
    }

    /** False if the process ended before. */
    private boolean killed(RunFolder here, boolean atStart, long millis, List<String> faults)
            throws IOException, InterruptedException {
        Files.deleteIfExists(here.phase());
        Process child = start(here);
        while (child.isAlive()
                && here.lastPhase()
                        .filter(phase -> atStart || phase == Phase.TRAINING)
                        .isEmpty()) {
            child.waitFor(1, TimeUnit.MILLISECONDS);
        }
        boolean ended = child.waitFor(millis, TimeUnit.MILLISECONDS);
        child.destroyForcibly();
        child.waitFor();
        if (ended && child.exitValue() != 0) {
            faults.add("a process failed, see " + here.log());
        }
        return !ended;
    }

    private void finish(RunFolder here, List<String> faults) throws IOException, InterruptedException {
        Process child = start(here);
        try {
            if (!child.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || child.exitValue() != 0) {
                faults.add("a process failed or did not end, see " + here.log());
            }
        } finally {
            child.destroyForcibly();
        }
    }

    private Process start(RunFolder here) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        withoutBackend(System.getProperty("java.class.path")),
                        KilledFederation.class.getName(),
                        here.folder().toString(),
                        setting.name(),
                        Integer.toString(rounds))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(here.log().toFile()))
                .start();
    }

    /** To start ND4J takes longer than most of the processes live. */
    private static String withoutBackend(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*nd4j-native-\\d.*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void judgeLedger(RunFolder here, List<String> faults) throws IOException {
        if (setting.isPrivate() && here.drawn() > here.charged()) {
            faults.add(here.drawn() + " rounds drew noise, " + here.charged() + " are charged in " + here.journal());
        }
    }

    private void judge(RunFolder here, End expected, List<String> faults) throws IOException {
        ServerState end = here.checkpoints().latest().orElseThrow();
        if (!withoutLedger(expected.state()).equals(withoutLedger(end))) {
            faults.add("the end differs in " + here.folder());
        }
        try (ClientStateStore states = ClientStateStore.inDirectory(here.clients())) {
            if (!expected.clients().equals(remembered(states))) {
                faults.add("what clients remember differs in " + here.folder());
            }
        }
        if (setting.isPrivate()) {
            judgeStatement(here, end, faults);
        }
    }

    /** By the journal, and by the state alone. */
    private void judgeStatement(RunFolder here, ServerState end, List<String> faults) throws IOException {
        judgeLedger(here, faults);
        PrivacyStatement statement =
                Setting.mechanism(Optional.of(here.journal()), () -> {}).statement(end.ledger(), DELTA);
        long byState = Setting.mechanism(Optional.empty(), () -> {})
                .statement(end.ledger(), DELTA)
                .rounds();
        if (!statement.journaled()
                || statement.rounds() != here.charged()
                || byState != here.charged()
                || here.drawn() < rounds
                || here.charged() < here.drawn()) {
            faults.add(here.folder() + ": " + here.charged() + " rounds are charged, " + here.drawn() + " drew noise, "
                    + statement.rounds() + " are stated, " + byState + " by the state alone");
        }
    }

    /** A run in this process that begins anew, from the state, at some rounds. */
    private End played(SortedSet<Integer> startedFrom) {
        SortedSet<Integer> until = new TreeSet<>(startedFrom);
        until.add(rounds);
        until.remove(0);
        ServerState state = Setting.START;
        GaussianMechanism rule = Setting.mechanism(Optional.empty(), () -> {});
        try (ClientStateStore states = ClientStateStore.inMemory();
                InProcessRunner runner = InProcessRunner.of(2)) {
            for (int round : until) {
                try (FederatedServer server =
                        setting.server(rule, states, runner, Duration.ZERO).build()) {
                    state = server.run(state, round - state.round()).state();
                }
            }
            return new End(state, remembered(states));
        }
    }

    private static List<ComponentState> remembered(ClientStateStore states) {
        return Setting.CLIENTS.stream().map(states::read).toList();
    }

    /** A round that was cut off stays charged, so ledgers differ. */
    private static ServerState withoutLedger(ServerState state) {
        return new ServerState(
                state.round(),
                state.attempt(),
                state.weights(),
                state.optimizer(),
                state.aggregator(),
                state.selector(),
                ComponentState.EMPTY,
                state.downlink(),
                state.progress(),
                state.time(),
                state.underWay(),
                state.seed(),
                state.run());
    }
}
