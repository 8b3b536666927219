package org.fl4j.remote;

import java.util.Optional;
import org.fl4j.client.ClientOutcome;

/** What a session does with a request that is new. Used by one thread at a time. */
interface FarEnd extends AutoCloseable {

    /**
     * Does what is asked.
     *
     * @return the body of the answer
     * @throws RemoteSession.NotDoneException if this end does not do it; its words are for the server
     * @throws Exception if the client fails
     */
    byte[] answer(Request request) throws Exception;

    /** Why zeros were masked in place of the last update; thread-safe. */
    Optional<ClientOutcome<byte[]>> contributedNothing();

    @Override
    void close();
}
