package org.fl4j.privacy.secagg;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.fl4j.aggregation.SecureStage;
import org.fl4j.binary.CorruptDataException;
import org.fl4j.binary.NewerVersionException;
import org.fl4j.client.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;

/** A stage whose answers are being taken: who is due, whose seal an answer bears. */
final class OpenStage implements SecureStage {

    private final ServerRecords records;
    private final StageWork work;
    private final List<ClientId> recipients;
    private final BitSet answered = new BitSet();
    private final BitSet missing = new BitSet();
    private boolean over;

    OpenStage(ServerRecords records, StageWork work) {
        this.records = records;
        this.work = work;
        this.recipients = records.clients(work.recipients());
    }

    @Override
    public String name() {
        return work.stage().name();
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
        int index = records.position(recipient)
                .filter(work.recipients()::contains)
                .orElseThrow(() ->
                        new IllegalArgumentException(who(recipient) + "it is not a recipient of " + work.stage()));
        return work.messageFor(index);
    }

    @Override
    public Optional<String> reply(ClientId from, byte[] answer) {
        requireOpen();
        Optional<Integer> index = records.position(from).filter(this::isDue);
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
        int index = records.position(who)
                .filter(this::isDue)
                .orElseThrow(() -> new IllegalStateException(
                        who(who) + "no answer to " + work.stage() + " is due, so none is missing"));
        missing.set(index);
    }

    /** Ends the stage once every recipient has answered or is missing. */
    Optional<String> end() {
        requireOpen();
        work.recipients().stream().filter(this::isDue).findFirst().ifPresent(index -> {
            throw new IllegalStateException(
                    due(records.client(index)) + "has neither answered " + work.stage() + " nor been reported missing");
        });
        over = true;
        return work.end(IndexSet.of(records.terms().clients(), answered.stream()));
    }

    void close() {
        over = true;
    }

    private Optional<String> refusal(int client, byte[] answer) {
        long longest = records.terms().longestAnswer(work.stage());
        if (answer.length > longest) {
            return Optional.of("its answer to " + work.stage() + " has " + answer.length + " bytes; at most " + longest
                    + " can be due");
        }
        try {
            Optional<byte[]> record = work.open(records, client, answer);
            return record.isPresent()
                    ? work.take(client, record.get())
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
            throw new IllegalStateException("round " + records.terms().round() + ": " + work.stage() + " is over");
        }
    }

    /** Whom nobody named in the call: under a private rule nobody does. */
    private String due(ClientId client) {
        return records.terms().isPrivate() ? "round " + records.terms().round() + ": a client " : who(client);
    }

    private String who(ClientId client) {
        return "client '" + client + "', round " + records.terms().round() + ": ";
    }
}
