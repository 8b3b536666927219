package org.fl4j.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;

/** The participants of one secure round. Read from the runner's threads once all are there. */
final class OpenParticipants implements AutoCloseable {

    private final Map<ClientId, OpenParticipant> byClient = new LinkedHashMap<>();

    void add(OpenParticipant participant) {
        byClient.put(participant.client(), participant);
    }

    OpenParticipant of(ClientId client) {
        return Objects.requireNonNull(byClient.get(client));
    }

    /** The outcomes of clients that are in the round with nothing to contribute. */
    void addLosses(Map<ClientId, ClientOutcome<ClientUpdate.Receipt>> lost) {
        byClient.forEach(
                (id, participant) -> participant.contributedNothing().ifPresent(loss -> lost.putIfAbsent(id, loss)));
    }

    /** Before any recipient is asked, as what a client's thread throws would pass for a failure of the client. */
    void checkCohort(List<ClientId> recipients) {
        for (ClientId id : recipients) {
            if (!byClient.containsKey(id)) {
                throw new IllegalStateException("the rule sends a message to '" + id + "', who is not in the cohort");
            }
        }
    }

    /** Closes every one, also where one throws: each holds secrets. */
    @Override
    public void close() {
        RuntimeException first = null;
        for (OpenParticipant participant : byClient.values()) {
            try {
                participant.close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
