package org.fl4j.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fl4j.aggregation.SecureAggregator;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.aggregation.SecureRound;
import org.fl4j.aggregation.SecureStage;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.RunLimits;
import org.fl4j.client.TrainingTask;

/**
 * Drives both halves of a secure rule in one JVM. What travels between them is bytes: the clear update goes from the
 * client to its participant, on the runner's thread, and this class never holds one.
 */
record SecureCollector(SecureAggregator rule) implements UpdateCollector {

    @Override
    public Collected collect(OpenRound round) {
        Map<ClientId, SecureParticipant> participants = new HashMap<>();
        try (SecureRound protocol = rule.begin(round.context(), round.cohort())) {
            round.cohort().forEach(id -> participants.put(id, rule.participant(id)));
            Map<ClientId, ClientOutcome<UpdateReceipt>> lost = runStages(round, protocol, participants);
            SecureRound.Outcome outcome = protocol.finish();
            if (outcome instanceof SecureRound.Recovered recovered) {
                List<ClientOutcome<UpdateReceipt>> outcomes = outcomes(round, lost, recovered.included());
                Optional<String> tooFew = round.tooFew(recovered.included());
                return tooFew.isPresent()
                        ? Collected.nothing(outcomes, tooFew.get())
                        : Collected.of(outcomes, recovered.included(), recovered.result());
            }
            return Collected.nothing(outcomes(round, lost, List.of()), ((SecureRound.Unrecovered) outcome).reason());
        } finally {
            participants.values().forEach(SecureParticipant::close);
        }
    }

    private static Map<ClientId, ClientOutcome<UpdateReceipt>> runStages(
            OpenRound round, SecureRound protocol, Map<ClientId, SecureParticipant> participants) {
        Map<ClientId, ClientOutcome<UpdateReceipt>> lost = new HashMap<>();
        long start = System.nanoTime();
        for (Optional<SecureStage> next = protocol.next(); next.isPresent(); next = protocol.next()) {
            SecureStage stage = next.get();
            round.settings()
                    .runner()
                    .<byte[]>run(
                            stage.recipients(),
                            id -> answer(round, id, participant(participants, id), stage),
                            limits(round, start),
                            outcome -> {
                                Optional<String> refusal = take(stage, outcome);
                                refusal.ifPresent(why -> lost.putIfAbsent(
                                        outcome.client(), new ClientOutcome.Rejected<>(outcome.client(), why)));
                                if (!(outcome instanceof ClientOutcome.Completed)) {
                                    lost.putIfAbsent(outcome.client(), outcome.map(bytes -> UpdateReceipt.MASKED));
                                }
                            });
        }
        return lost;
    }

    private static ClientOutcome<byte[]> answer(
            OpenRound round, ClientId client, SecureParticipant participant, SecureStage stage) throws Exception {
        byte[] message;
        synchronized (stage) {
            message = stage.messageFor(client);
        }
        Training training = new Training(round, client);
        try {
            return new ClientOutcome.Completed<>(client, participant.answer(message, training));
        } catch (RejectedUpdate e) {
            return new ClientOutcome.Rejected<>(client, e.why);
        }
    }

    /** The stage is the server's: clients' threads ask it for messages under its lock, answers reach it in order. */
    private static Optional<String> take(SecureStage stage, ClientOutcome<byte[]> outcome) {
        synchronized (stage) {
            if (outcome instanceof ClientOutcome.Completed<byte[]> completed) {
                return stage.reply(completed.client(), completed.result());
            }
            stage.missing(outcome.client());
            return Optional.empty();
        }
    }

    private static SecureParticipant participant(Map<ClientId, SecureParticipant> participants, ClientId id) {
        SecureParticipant participant = participants.get(id);
        if (participant == null) {
            throw new IllegalStateException("the rule sends a message to '" + id + "', who is not in the cohort");
        }
        return participant;
    }

    private static RunLimits limits(OpenRound round, long start) {
        Duration deadline = round.settings().policy().deadline();
        if (deadline.equals(RunLimits.NO_DEADLINE)) {
            return RunLimits.NONE;
        }
        Duration left = deadline.minusNanos(System.nanoTime() - start);
        return new RunLimits(left.isNegative() || left.isZero() ? Duration.ofNanos(1) : left, Integer.MAX_VALUE);
    }

    private static List<ClientOutcome<UpdateReceipt>> outcomes(
            OpenRound round, Map<ClientId, ClientOutcome<UpdateReceipt>> lost, List<ClientId> included) {
        Set<ClientId> inSum = new HashSet<>(included);
        List<ClientOutcome<UpdateReceipt>> outcomes = new ArrayList<>();
        for (ClientId id : round.cohort()) {
            ClientOutcome<UpdateReceipt> loss = lost.get(id);
            if (inSum.contains(id)) {
                outcomes.add(new ClientOutcome.Completed<>(id, UpdateReceipt.MASKED));
            } else {
                outcomes.add(
                        loss != null
                                ? loss
                                : new ClientOutcome.Rejected<>(id, "client '" + id + "' is not in the sum"));
            }
        }
        return outcomes;
    }

    /** The client's side: trains and checks, so that what is masked is in order. */
    private record Training(OpenRound round, ClientId client) implements SecureParticipant.LocalWork {

        @Override
        public TrainingTask task() {
            return round.task(client);
        }

        @Override
        public ClientUpdate train() throws Exception {
            ClientOutcome<ClientUpdate> outcome = round.train(client, update -> Optional.empty());
            if (outcome instanceof ClientOutcome.Completed<ClientUpdate> completed) {
                return completed.result();
            }
            throw new RejectedUpdate(((ClientOutcome.Rejected<ClientUpdate>) outcome).why());
        }
    }

    /** Carries a refusal through the participant, whose own code lies between. */
    private static final class RejectedUpdate extends Exception {

        private static final long serialVersionUID = 1L;
        private final String why;

        RejectedUpdate(String why) {
            super(why);
            this.why = why;
        }
    }
}
