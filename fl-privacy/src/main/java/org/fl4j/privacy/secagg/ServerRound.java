package org.fl4j.privacy.secagg;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;

/** A round as the server begins it: terms, cohort and its own keys. Immutable; closing erases the keys. */
final class ServerRound implements AutoCloseable {

    private final SessionTerms terms;
    private final List<ClientId> cohort;
    private final Map<ClientId, Integer> positions = new HashMap<>();
    private final ServerKeys keys;

    ServerRound(SessionTerms terms, List<ClientId> cohort, ServerKeys keys) {
        this.terms = terms;
        this.cohort = List.copyOf(cohort);
        this.keys = keys;
        for (int index = 0; index < cohort.size(); index++) {
            if (positions.put(cohort.get(index), index) != null) {
                throw new IllegalArgumentException(
                        (terms.isPrivate() ? "a client" : "client '" + cohort.get(index) + "'")
                                + " is in the cohort twice");
            }
        }
    }

    SessionTerms terms() {
        return terms;
    }

    ServerKeys keys() {
        return keys;
    }

    ClientId client(int index) {
        return cohort.get(index);
    }

    List<ClientId> clients(IndexSet indices) {
        return indices.stream().mapToObj(cohort::get).toList();
    }

    /** For logs; under a private rule neither names nor a number. */
    String named(IndexSet indices) {
        return terms.isPrivate() ? "some clients" : clients(indices).toString();
    }

    Optional<Integer> position(ClientId client) {
        return Optional.ofNullable(positions.get(client));
    }

    MessageHeader header(int index) {
        return new MessageHeader(Bytes.owning(keys.announced()), terms.round(), cohort.get(index));
    }

    @Override
    public void close() {
        keys.close();
    }
}
