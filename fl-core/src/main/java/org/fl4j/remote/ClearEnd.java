package org.fl4j.remote;

import java.util.Optional;
import org.fl4j.client.ClientOutcome;
import org.fl4j.server.PlainSession;

/** The end of a client that answers in the clear. */
record ClearEnd(PlainSession session) implements FarEnd {

    @Override
    public byte[] answer(Request request) throws Exception {
        if (request.kind() == Request.Kind.STAGE) {
            throw new RemoteSession.NotDoneException(
                    "it is asked for a stage of a masked round, but was not configured with a secure rule");
        }
        return session.answer(request.task().bytes());
    }

    @Override
    public Optional<ClientOutcome<byte[]>> contributedNothing() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
