package org.fl4j.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.secure.NonBlockingMaskingClient;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.TrafficCount;
import org.fl4j.server.report.Traffic;
import org.fl4j.weights.ModelDelta;

/**
 * Drives the two halves of a secure rule. What travels between them is bytes: the clear update goes from a client in this
 * JVM to its participant, on the runner's thread, or does not leave a client elsewhere; this class never holds one.
 */
record SecureCollector(SecureAggregator rule, RoundContext context) implements UpdateCollector {

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return rule.taskVectors(context);
    }

    @Override
    public Collected collect(Cohort cohort) {
        SecureRound protocol = rule.begin(context, cohort.clients());
        boolean[] unmasked = {false};
        Collected collected = collect(cohort, protocol, unmasked);
        return unmasked[0] ? collected.neverRepeated() : collected;
    }

    private Collected collect(Cohort cohort, SecureRound protocol, boolean[] unmasked) {
        try (OpenParticipants participants = new OpenParticipants()) {
            cohort.clients().forEach(id -> participants.add(new OpenParticipant(cohort, rule, id)));
            Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> lost =
                    runStages(cohort, protocol, participants, unmasked);
            SecureRound.Outcome outcome = finish(protocol);
            if (outcome instanceof SecureRound.Recovered recovered) {
                List<ClientId> accepted = recovered.included().stream()
                        .filter(id -> participants.of(id).contributedNothing().isEmpty())
                        .toList();
                participants.addLosses(lost);
                List<ClientOutcome<ClientUpdate.Receipt>> outcomes =
                        outcomes(cohort, lost, accepted, "it is not in the sum");
                Optional<String> tooFew = cohort.tooFew(recovered.included(), outcomes);
                return tooFew.isPresent()
                        ? Collected.nothing(outcomes, tooFew.get())
                        : Collected.of(outcomes, accepted, recovered.result());
            }
            participants.addLosses(lost);
            return Collected.nothing(
                    outcomes(cohort, lost, List.of(), "no sum was recovered"),
                    reason(cohort, lost, (SecureRound.Unrecovered) outcome));
        } finally {
            synchronized (protocol) {
                protocol.close();
            }
        }
    }

    /**
     * A protocol says how many clients were left; under a private rule that is not for reports. Why they were lost it does
     * not know, and many are often lost alike.
     */
    private String reason(
            Cohort cohort, Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> lost, SecureRound.Unrecovered outcome) {
        if (rule.isPrivate()) {
            return outcome.cause().reason(cohort.context().round());
        }
        return outcome.reason()
                + cohort.clients().stream()
                        .flatMap(id -> Stream.ofNullable(lost.get(id)))
                        .findFirst()
                        .map(loss -> "; the first that was lost is " + loss.describe())
                        .orElse("");
    }

    private static Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> runStages(
            Cohort cohort, SecureRound protocol, OpenParticipants participants, boolean[] unmasked) {
        Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> lost = new HashMap<>();
        TaskTraffic tasks = new TaskTraffic(cohort);
        ClientRunner.Limits limits =
                new ClientRunner.Limits(cohort.settings().policy().deadline(), Integer.MAX_VALUE);
        for (Optional<SecureRound.Stage> next = next(protocol); next.isPresent(); next = next(protocol)) {
            SecureRound.Stage stage = next.get();
            unmasked[0] |= stage.unmasks();
            participants.checkCohort(stage.recipients());
            TrafficCount.Stage traffic = cohort.isPrivate()
                    ? cohort.traffic().unreported()
                    : cohort.traffic().stage(stage.name());
            cohort.runner()
                    .<byte[]>runInAnyOrder(
                            stage.recipients(),
                            new Answering(cohort, stage, protocol, participants, traffic),
                            limits,
                            outcome -> {
                                if (outcome instanceof ClientOutcome.Completed<byte[]> completed) {
                                    traffic.answered(completed.client(), completed.result().length);
                                }
                                tasks.add(traffic, outcome);
                                Optional<String> rejection = deliver(stage, outcome, protocol);
                                rejection.ifPresent(why -> lost.putIfAbsent(
                                        outcome.client(), new ClientOutcome.Rejected<>(outcome.client(), why)));
                                if (!(outcome instanceof ClientOutcome.Completed)) {
                                    lost.putIfAbsent(
                                            outcome.client(), outcome.map(bytes -> ClientUpdate.Receipt.MASKED));
                                }
                            });
        }
        return lost;
    }

    /** The tasks' part of what is sent: once for each client, with its first message. */
    private static final class TaskTraffic {

        private final Cohort cohort;
        private final TrafficCount.Stage traffic;
        private final Set<ClientId> asked = new HashSet<>();

        TaskTraffic(Cohort cohort) {
            this.cohort = cohort;
            traffic = cohort.traffic().stage(Traffic.TASK);
        }

        void add(TrafficCount.Stage messages, ClientOutcome<byte[]> outcome) {
            if (messages.add(outcome) && asked.add(outcome.client())) {
                traffic.addSent(cohort.task(outcome.client()));
            }
        }
    }

    /** What the runner does for each client in one stage. */
    private record Answering(
            Cohort cohort,
            SecureRound.Stage stage,
            SecureRound protocol,
            OpenParticipants participants,
            TrafficCount.Stage traffic)
            implements ClientRunner.Work<byte[]> {

        @Override
        public ClientOutcome<byte[]> perform(ClientId id) throws Exception {
            OpenParticipant participant = participants.of(id);
            return busy().call(id, round(), () -> participant.answer(participant.made(), message(id)));
        }

        @Override
        public CompletionStage<Callable<ClientOutcome<byte[]>>> start(ClientId id) throws Exception {
            Optional<CompletionStage<Callable<ClientOutcome<byte[]>>>> busy = busy().busy(id);
            if (busy.isPresent()) {
                return busy.get();
            }
            OpenParticipant participant = participants.of(id);
            Optional<Client> made = participant.made();
            return made.isPresent() && made.get() instanceof NonBlockingMaskingClient far
                    ? busy().start(
                                    id,
                                    round(),
                                    () -> participant.ask(far, message(id)),
                                    answer -> () -> participant.outcome(answer))
                    : CompletableFuture.completedFuture(
                            () -> busy().call(id, round(), () -> participant.answer(made, message(id))));
        }

        private byte[] message(ClientId id) {
            byte[] message = messageFor(id, stage, protocol);
            traffic.sent(id, message.length);
            return message;
        }

        private BusyClients busy() {
            return cohort.settings().busy();
        }

        private int round() {
            return cohort.context().round();
        }
    }

    // The protocol and its stages are the server's and share state: every call is made under the protocol's lock, as a
    // straggler's thread may still ask for a message when the round continues or ends.

    private static Optional<SecureRound.Stage> next(SecureRound protocol) {
        synchronized (protocol) {
            return protocol.next();
        }
    }

    private static SecureRound.Outcome finish(SecureRound protocol) {
        synchronized (protocol) {
            return protocol.finish();
        }
    }

    private static byte[] messageFor(ClientId client, SecureRound.Stage stage, SecureRound protocol) {
        synchronized (protocol) {
            return ClientRunner.ServerFailureException.ours(() -> stage.messageFor(client));
        }
    }

    private static Optional<String> deliver(
            SecureRound.Stage stage, ClientOutcome<byte[]> outcome, SecureRound protocol) {
        synchronized (protocol) {
            if (outcome instanceof ClientOutcome.Completed<byte[]> completed) {
                return stage.reply(completed.client(), completed.result());
            }
            stage.missing(outcome.client());
            return Optional.empty();
        }
    }

    private static List<ClientOutcome<ClientUpdate.Receipt>> outcomes(
            Cohort cohort,
            Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> lost,
            List<ClientId> included,
            String whyNot) {
        Set<ClientId> inSum = new HashSet<>(included);
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
        for (ClientId id : cohort.clients()) {
            ClientOutcome<ClientUpdate.Receipt> loss = lost.get(id);
            if (inSum.contains(id)) {
                outcomes.add(new ClientOutcome.Completed<>(id, ClientUpdate.Receipt.MASKED));
            } else {
                outcomes.add(
                        loss != null
                                ? loss
                                : new ClientOutcome.Rejected<>(
                                        id,
                                        "client '" + id + "', round "
                                                + cohort.context().round() + ": " + whyNot));
            }
        }
        return outcomes;
    }
}
