package org.fl4j.privacy.secagg;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelWeights;

/**
 * What a round of the secure sum costs server and client, beside the sum of its primitives measured in the same run: CPU
 * time of the calling thread, so that a busy machine disturbs little.
 *
 * <p>{@code mvn -q process-test-classes -Drun=long-runs -pl fl-privacy -am -Dmain=org.fl4j.privacy.secagg.SecureSumSpeed -Dargs="500 100000 10 curious 2"}. Arguments: clients, coordinates, percentage that vanishes before its input, setting ({@code curious}, {@code sparse},
 * {@code semi-malicious}, {@code malicious}), rounds (the first is warm-up), threads for unmasking
 * (every other round, in turns with one).
 */
final class SecureSumSpeed {

    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private final int clients;
    private final int coordinates;
    private final int dropouts;
    private final SecureSum rule;
    private final Map<Integer, Map<ProtocolStage, Long>> clientNanos = new ConcurrentHashMap<>();
    private final Map<ProtocolStage, Long> serverNanos = new HashMap<>();
    private final PrimitiveCosts costs;
    private long finishNanos;
    private long finishWall;
    private long bytes;
    private double serverMillis;
    private double serverRatio;
    private double clientMillis;
    private double clientRatio;

    private SecureSumSpeed(int clients, int coordinates, int dropouts, SecureSum rule, PrimitiveCosts costs) {
        this.clients = clients;
        this.coordinates = coordinates;
        this.dropouts = dropouts;
        this.rule = rule;
        this.costs = costs;
    }

    public static void main(String[] args) throws Exception {
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 500;
        int coordinates = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
        int percent = args.length > 2 ? Integer.parseInt(args[2]) : 10;
        String threatModel = args.length > 3 ? args[3] : "curious";
        int rounds = args.length > 4 ? Integer.parseInt(args[4]) : 2;
        int threads = args.length > 5 ? Integer.parseInt(args[5]) : 1;
        PrimitiveCosts costs = new PrimitiveCosts();
        List<SecureSumSpeed> one = new ArrayList<>();
        List<SecureSumSpeed> several = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            // With more threads than one, in turns with one.
            int its = round % 2 == 0 ? 1 : threads;
            SecureSum rule = rule(threatModel).unmaskingOn(its);
            SecureSumSpeed speed = new SecureSumSpeed(clients, coordinates, clients * percent / 100, rule, costs);
            costs.clear();
            speed.run(round);
            speed.report(round, its, threatModel);
            if (round > 1) {
                (its == 1 ? one : several).add(speed);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "medians of %d rounds: server %.2f (%.0f ms), client %.2f (%.1f ms)%n",
                one.size(),
                median(one, speed -> speed.serverRatio),
                median(one, speed -> speed.serverMillis),
                median(one, speed -> speed.clientRatio),
                median(one, speed -> speed.clientMillis));
        if (!several.isEmpty()) {
            double wall = median(one, speed -> speed.finishWall);
            double shared = median(several, speed -> speed.finishWall);
            System.out.printf(
                    Locale.ROOT,
                    "finish, wall clock: %.0f ms on one thread, %.0f on %d: %.2f%n",
                    wall / 1e6,
                    shared / 1e6,
                    threads,
                    wall / shared);
        }
    }

    private static double median(List<SecureSumSpeed> rounds, ToDoubleFunction<SecureSumSpeed> of) {
        return PrimitiveCosts.median(rounds.stream().mapToDouble(of).toArray());
    }

    private static ThreatModel threatModel(String name) {
        ThreatModel plain = ThreatModel.curious(DropoutTolerance.ofDropouts(0.33));
        return switch (name) {
            case "curious" -> plain;
            case "sparse" -> plain.onSparseGraph();
            case "semi-malicious" ->
                plain.against(Adversary.SEMI_MALICIOUS, id -> Optional.empty(), IdentityDirectory.Signer.none());
            default -> plain.against(Adversary.MALICIOUS, id -> Optional.empty(), IdentityDirectory.Signer.none());
        };
    }

    private static SecureSum rule(String threatModel) {
        SecureSum plain = SecureSum.on(new IntegerRule((1 << 21) - 1)).tolerating(DropoutTolerance.ofDropouts(0.33));
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        return switch (threatModel) {
            case "curious" -> plain;
            case "sparse" -> plain.onSparseGraph();
            case "semi-malicious" -> plain.semiMalicious(identities, identities);
            case "malicious" -> plain.malicious(identities, identities);
            default -> throw new IllegalArgumentException("no setting '" + threatModel + "'");
        };
    }

    private void run(int round) throws Exception {
        double[] values = IntStream.of(new DeterministicRandom(1).permutation(coordinates))
                .asDoubleStream()
                .toArray();
        ModelWeights global = ModelWeights.copyOf(Fixtures.layout(coordinates), new double[coordinates]);
        // One object for all, as in a simulation: its fingerprint is computed once.
        Drill drill = new Drill(rule, clients, coordinates, client -> values).handing(client -> global);
        List<ClientId> cohort =
                IntStream.range(0, clients).mapToObj(Fixtures::client).toList();
        List<SecureAggregator.Participant> participants = new ArrayList<>();
        cohort.forEach(id -> participants.add(rule.participant(id)));
        ExecutorService pool = Executors.newFixedThreadPool(2);
        long begin = CPU.getCurrentThreadCpuTime();
        try (SecureRound protocol = rule.begin(drill.context(round), cohort)) {
            serverNanos.merge(ProtocolStage.ADVERTISE, CPU.getCurrentThreadCpuTime() - begin, Long::sum);
            for (; ; ) {
                long at = CPU.getCurrentThreadCpuTime();
                Optional<SecureRound.Stage> next = protocol.next();
                long spent = CPU.getCurrentThreadCpuTime() - at;
                if (next.isEmpty()) {
                    serverNanos.merge(ProtocolStage.UNMASK, spent, Long::sum);
                    break;
                }
                costs.sample();
                stage(next.get(), spent, participants, drill, round, pool);
            }
            costs.sample();
            long at = CPU.getCurrentThreadCpuTime();
            long wall = System.nanoTime();
            SecureRound.Outcome outcome = protocol.finish();
            finishNanos = CPU.getCurrentThreadCpuTime() - at;
            finishWall = System.nanoTime() - wall;
            costs.sample();
            System.out.printf(Locale.ROOT, "finish: %.0f ms CPU, %.0f ms wall%n", finishNanos / 1e6, finishWall / 1e6);
            if (!(outcome instanceof SecureRound.Recovered)) {
                throw new IllegalStateException(outcome.toString());
            }
        } finally {
            pool.shutdown();
            participants.forEach(SecureAggregator.Participant::close);
        }
    }

    private void stage(
            SecureRound.Stage open,
            long spent,
            List<SecureAggregator.Participant> participants,
            Drill drill,
            int round,
            ExecutorService pool)
            throws Exception {
        ProtocolStage stage = ((StageReplies) open).stage();
        long server = spent;
        List<Future<byte[]>> answers = new ArrayList<>();
        for (ClientId recipient : open.recipients()) {
            int client = Integer.parseInt(recipient.value().substring("client-".length()));
            long at = CPU.getCurrentThreadCpuTime();
            byte[] message = open.messageFor(recipient);
            server += CPU.getCurrentThreadCpuTime() - at;
            boolean gone = stage == ProtocolStage.MASKED_INPUT && client < dropouts;
            answers.add(pool.submit(() -> {
                if (gone) {
                    return new byte[0];
                }
                SecureAggregator.Participant.LocalWork work = drill.work(client, round);
                work.task().fingerprint();
                long from = CPU.getCurrentThreadCpuTime();
                byte[] answer = participants.get(client).answer(message, work);
                clientNanos
                        .computeIfAbsent(client, c -> new ConcurrentHashMap<>())
                        .put(stage, CPU.getCurrentThreadCpuTime() - from);
                return answer;
            }));
        }
        int i = 0;
        for (ClientId recipient : open.recipients()) {
            byte[] answer = answers.get(i++).get();
            if (answer.length == 0) {
                open.missing(recipient);
                continue;
            }
            if (recipient.equals(Fixtures.client(clients - 1))) {
                bytes += answer.length;
            }
            long at = CPU.getCurrentThreadCpuTime();
            Optional<String> rejection = open.reply(recipient, answer);
            server += CPU.getCurrentThreadCpuTime() - at;
            rejection.ifPresent(why -> {
                throw new IllegalStateException(why);
            });
        }
        serverNanos.merge(stage, server, Long::sum);
    }

    private void report(int round, int threads, String threatModel) {
        long server = finishNanos
                + serverNanos.values().stream().mapToLong(Long::longValue).sum();
        long[] all = clientNanos.values().stream()
                .mapToLong(stages ->
                        stages.values().stream().mapToLong(Long::longValue).sum())
                .sorted()
                .toArray();
        GraphParameters graph = threatModel(threatModel).graph(clients);
        Expected expected = new Expected(graph, threatModel(threatModel).signs());
        serverMillis = server / 1e6;
        serverRatio = serverMillis / expected.server();
        clientMillis = all[all.length / 2] / 1e6;
        clientRatio = clientMillis / expected.client();
        System.out.printf(
                Locale.ROOT,
                "round %d, %s, unmasking on %d, %d clients, %d coordinates, %d drop out: server %.0f ms (stages %s, finish %.0f), client median %.1f ms, %d bytes sent%n",
                round,
                threatModel,
                threads,
                clients,
                coordinates,
                dropouts,
                serverMillis,
                serverNanos,
                finishNanos / 1e6,
                clientMillis,
                bytes);
        for (ProtocolStage stage : ProtocolStage.values()) {
            long[] times = clientNanos.values().stream()
                    .mapToLong(stages -> stages.getOrDefault(stage, 0L))
                    .sorted()
                    .toArray();
            System.out.printf(Locale.ROOT, "  client %s: median %.2f ms%n", stage, times[times.length / 2] / 1e6);
        }
        System.out.println("  " + costs + ", " + graph);
        System.out.printf(
                Locale.ROOT,
                "  sum of primitives: server %.0f ms, ratio %.2f; client %.1f ms, ratio %.2f%n",
                expected.server(),
                serverRatio,
                expected.client(),
                clientRatio);
    }

    /**
     * What agreements, mask bytes, shares and signatures alone would cost, in milliseconds. A client agrees with the server and
     * twice with each neighbour and makes two key pairs; the server agrees with each client, and for each dropout with its
     * neighbours that survived.
     */
    private final class Expected {

        private final GraphParameters graph;
        private final boolean signs;

        Expected(GraphParameters graph, boolean signs) {
            this.graph = graph;
            this.signs = signs;
        }

        double server() {
            double survivors = clients - dropouts;
            double pairs = dropouts * (graph.degree() * survivors / (clients - 1));
            double agreements = (clients + dropouts + pairs) * costs.agreementMicros();
            double verified = signs ? (clients + survivors) * costs.verifyMicros() : 0;
            return (agreements + verified) / 1e3 + (survivors + pairs) * mask();
        }

        double client() {
            double agreements = (2.0 * graph.degree() + 3) * costs.agreementMicros();
            double shares = 2 * costs.splitMicros(graph.degree(), graph.threshold());
            double verified = 1 + (signs ? graph.degree() + graph.threshold() : 0);
            return (agreements + shares + verified * costs.verifyMicros()) / 1e3 + (graph.degree() + 1) * mask();
        }

        private double mask() {
            return costs.maskMicros((long) Integer.BYTES * coordinates) / 1e3;
        }
    }
}
