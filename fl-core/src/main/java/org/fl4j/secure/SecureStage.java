package org.fl4j.secure;

import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;

/** One stage of a {@link SecureRound}: a message to each recipient, and an answer from each or none. Not thread-safe. */
public interface SecureStage {

    /**
     * What the stage is called, for logs and deadlines.
     *
     * @return always the same name for the same stage of a protocol, such as {@code "MASKED_INPUT"}
     */
    String name();

    /**
     * Who takes part in this stage.
     *
     * @return clients of the cohort, in its order
     */
    List<ClientId> recipients();

    /**
     * The message for one recipient.
     *
     * @param recipient who
     * @return its bytes
     */
    byte[] messageFor(ClientId recipient);

    /**
     * Takes a recipient's answer.
     *
     * @param from who
     * @param answer its bytes
     * @return empty if it was taken; else why not, and the sender counts as missing
     */
    Optional<String> reply(ClientId from, byte[] answer);

    /**
     * A recipient did not answer.
     *
     * @param who the recipient
     */
    void missing(ClientId who);
}
