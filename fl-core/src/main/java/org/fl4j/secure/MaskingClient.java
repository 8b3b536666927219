package org.fl4j.secure;

import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;

/**
 * A client whose part of a secure protocol runs where its data are: the server sends it the bytes of each stage and
 * receives bytes. A host implements it over its own transport; on the remote side a {@link ParticipantSession} answers.
 *
 * <p>Under a secure rule the server calls {@link #answer} and never {@link #train}, which would bring a clear update to
 * the server. It looks at what the {@link ClientProvider} returns, so a decorator that wraps this must be one of these
 * itself; of one that is not, {@link #train} is called, which throws.
 */
public interface MaskingClient extends Client {

    /**
     * Answers the server's message of one stage.
     *
     * @param task what the server asks in this round: the same in all its stages, so a transport may send it once
     * @param message the stage's bytes
     * @return the answer's bytes
     * @throws Exception for any reason, such as an update that the client's side rejects; the round continues without
     *     this client
     */
    byte[] answer(TrainingTask task, byte[] message) throws Exception;

    /**
     * Throws, so that no clear update is sent. A client that also serves rules under which the server may see its update
     * overrides this.
     *
     * @param task what to do
     * @return never
     * @throws IllegalStateException always
     */
    @Override
    default ClientUpdate train(TrainingTask task) throws Exception {
        throw new IllegalStateException("client '" + id() + "', round " + task.round()
                + ": it sends its update under a secure rule only; is the rule another, or does a decorator hide that this is"
                + " a MaskingClient?");
    }

    /** No: a message of the protocol that was perhaps answered must not be sent again. */
    @Override
    default boolean mayBeCalledAgain() {
        return false;
    }
}
