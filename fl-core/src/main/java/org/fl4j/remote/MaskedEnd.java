package org.fl4j.remote;

import java.util.Optional;
import java.util.OptionalLong;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.TrainingTask;
import org.fl4j.secure.ParticipantSession;

/**
 * The end of a client under a secure rule: one attempt at a time, begun once. All of it is on the heap, so that a process that
 * was restarted holds nothing of the attempt before and says so.
 */
final class MaskedEnd implements FarEnd {

    private final ParticipantSession session;
    private final TaskReader reader;
    private OptionalLong attempt = OptionalLong.empty();

    /** Reads a task, with what the client holds of rounds before. */
    interface TaskReader {
        TrainingTask read(byte[] task);
    }

    MaskedEnd(ParticipantSession session, TaskReader reader) {
        this.session = session;
        this.reader = reader;
    }

    @Override
    public byte[] answer(Request request) throws Exception {
        return switch (request.kind()) {
            case TRAINING -> throw new RemoteSession.NotDoneException("it sends its update under masks only");
            case EVALUATION ->
                throw new RemoteSession.NotDoneException(
                        "it contributes under masks, and an evaluation would be in the clear");
            case STAGE -> request.hasTask() ? begin(request) : answerFurther(request);
        };
    }

    private byte[] begin(Request request) throws Exception {
        TrainingTask task = reader.read(request.task().bytes());
        if (isCurrent(task.token())) {
            throw new RemoteSession.NotDoneException("an attempt begins once, and this one has begun");
        }
        attempt = OptionalLong.of(task.token());
        return session.answer(task, request.message().bytes());
    }

    private byte[] answerFurther(Request request) throws Exception {
        if (!isCurrent(request.token())) {
            throw new RemoteSession.NotDoneException(
                    "it holds nothing of this attempt, so it has dropped out of it; was its process restarted?");
        }
        return session.answerFurther(request.message().bytes());
    }

    private boolean isCurrent(long token) {
        return attempt.isPresent() && attempt.getAsLong() == token;
    }

    @Override
    public Optional<ClientOutcome<byte[]>> contributedNothing() {
        return session.contributedNothing();
    }

    @Override
    public void close() {
        session.close();
    }
}
