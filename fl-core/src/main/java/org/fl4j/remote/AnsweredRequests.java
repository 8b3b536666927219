package org.fl4j.remote;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.fl4j.remote.MessageRefusedException.Refusal;
import org.jspecify.annotations.Nullable;

/** The last answer of a client, and the ids of those before it. Not thread-safe. */
final class AnsweredRequests {

    /** More than a server asks before it is one of another process; what is older is refused by its token, or has an equal answer. */
    private static final int REMEMBERED = 1_024;

    private final Set<RequestId> before = new LinkedHashSet<>();
    private @Nullable Answered last;

    private record Answered(RequestId id, Payload request, Payload answer) {}

    /**
     * The recorded bytes of a request that was just answered.
     *
     * @return empty if the request is new
     * @throws MessageRefusedException if it repeats an id in any other way
     */
    Optional<byte[]> recorded(Request request, byte[] bytes) {
        Answered latest = last;
        if (latest != null && latest.id().equals(request.id())) {
            if (!latest.request().equals(Digests.of(bytes))) {
                throw replayed(request, "repeats its id with other content");
            }
            return Optional.of(latest.answer().bytes().clone());
        }
        if (before.contains(request.id())) {
            throw replayed(request, "was answered before the last one");
        }
        return Optional.empty();
    }

    void record(Request request, byte[] bytes, byte[] answer) {
        if (last != null) {
            before.add(last.id());
            if (before.size() > REMEMBERED) {
                before.remove(before.iterator().next());
            }
        }
        last = new Answered(request.id(), Digests.of(bytes), Payload.of(answer.clone()));
    }

    private static MessageRefusedException replayed(Request request, String how) {
        return new MessageRefusedException(
                Refusal.REPLAYED, "client '" + request.client() + "': request " + request.id() + " " + how);
    }
}
