package org.fl4j.privacy.secagg;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.secure.SecureRound;

/** The replies to a stage: which clients have answered, are missing or are due. */
final class StageReplies implements SecureRound.Stage {

    private final ServerStage work;
    private final ServerRound round;
    private final List<ClientId> recipients;
    private final BitSet answered = new BitSet();
    private final BitSet missing = new BitSet();
    private boolean over;

    StageReplies(ServerRound round, ServerStage work) {
        this.round = round;
        this.work = work;
        this.recipients = round.clients(work.recipients());
    }

    @Override
    public String name() {
        return work.stage().name();
    }

    @Override
    public boolean unmasks() {
        return work.stage() == ProtocolStage.UNMASK;
    }

    ProtocolStage stage() {
        return work.stage();
    }

    @Override
    public List<ClientId> recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(ClientId recipient) {
        requireOpen();
        int index = round.position(recipient)
                .filter(work.recipients()::contains)
                .orElseThrow(() ->
                        new IllegalArgumentException(who(recipient) + "it is not a recipient of " + work.stage()));
        return work.messageFor(index);
    }

    @Override
    public Optional<String> reply(ClientId from, byte[] answer) {
        requireOpen();
        Optional<Integer> index = round.position(from).filter(this::isDue);
        if (index.isEmpty()) {
            return Optional.of(who(from) + "no answer to " + work.stage() + " is due");
        }
        Optional<String> refusal = refusal(index.get(), answer);
        (refusal.isPresent() ? missing : answered).set(index.get());
        return refusal.map(why -> who(from) + why);
    }

    @Override
    public void missing(ClientId who) {
        requireOpen();
        int index = round.position(who)
                .filter(this::isDue)
                .orElseThrow(() -> new IllegalStateException(
                        who(who) + "no answer to " + work.stage() + " is due, so none is missing"));
        missing.set(index);
    }

    /** Ends the stage once every recipient has answered or is missing. */
    ServerStage.End end() {
        requireOpen();
        work.recipients().stream().filter(this::isDue).findFirst().ifPresent(index -> {
            throw new IllegalStateException(
                    due(round.client(index)) + "has neither answered " + work.stage() + " nor been reported missing");
        });
        over = true;
        return work.end(IndexSet.of(round.terms().clients(), answered.stream()));
    }

    void close() {
        over = true;
    }

    private Optional<String> refusal(int client, byte[] answer) {
        long longest = round.terms().longestAnswer(work.stage());
        if (answer.length > longest) {
            return Optional.of("its answer to " + work.stage() + " has " + answer.length + " bytes; at most " + longest
                    + " can be due");
        }
        try {
            Optional<byte[]> record = work.open(client, answer);
            return record.isPresent()
                    ? work.accept(client, record.get())
                    : Optional.of(
                            "its answer to " + work.stage()
                                    + " does not bear its seal: it was altered, or is of another client, stage, round or session");
        } catch (CorruptDataException | NewerVersionException e) {
            return Optional.of("its answer to " + work.stage() + " cannot be read: " + e.getMessage());
        }
    }

    private boolean isDue(int index) {
        return work.recipients().contains(index) && !answered.get(index) && !missing.get(index);
    }

    private void requireOpen() {
        if (over) {
            throw new IllegalStateException("round " + round.terms().round() + ": " + work.stage() + " is over");
        }
    }

    /** Names a client that the caller did not name; under a private rule the name stays out of the message. */
    private String due(ClientId client) {
        return round.terms().isPrivate() ? "round " + round.terms().round() + ": a client " : who(client);
    }

    private String who(ClientId client) {
        return "client '" + client + "', round " + round.terms().round() + ": ";
    }
}
