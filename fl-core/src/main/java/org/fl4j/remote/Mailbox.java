package org.fl4j.remote;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.fl4j.ClientId;
import org.fl4j.remote.MessageRefusedException.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * One client as the server knows it: the request that is pending, the answer that was taken last, and when it was heard of.
 *
 * <p>Thread-safe. Futures are completed outside the lock, as others' code runs then.
 */
final class Mailbox {

    private final ClientId client;
    private final Duration patience;
    private final Timing timing;

    private @Nullable Pending<?> pending;
    private @Nullable Taken last;
    private @Nullable HeldTask held;
    private @Nullable Duration heard;
    private boolean presumedGone;

    /** An answer that was taken: the same bytes are acknowledged once more. */
    private record Taken(RequestId id, Payload digest) {}

    /**
     * The task that a client answered a stage of, so that it holds it. By its content as well: tokens of tasks made by hand are all 0.
     */
    record HeldTask(long token, String fingerprint) {}

    Mailbox(ClientId client, Duration patience, Timing timing) {
        this.client = client;
        this.patience = patience;
        this.timing = timing;
    }

    /** Makes a request pending, or fails it at once if the client is presumed gone. */
    <T> CompletableFuture<T> ask(Pending<T> request) {
        if (isOpen(request)) {
            CompletableFuture<?> unused = request.result().whenComplete((value, thrown) -> withdraw(request.id()));
            watch(request.id(), patience);
        } else {
            request.fail(gone());
        }
        return request.result();
    }

    private String gone() {
        return "it was not heard of for " + patience + " and is presumed gone";
    }

    private synchronized boolean isOpen(Pending<?> request) {
        Pending<?> before = pending;
        if (before != null) {
            throw new IllegalStateException(request.who()
                    + ": it has another request pending; a client is asked one thing at a time, by one server");
        }
        if (presumedGone) {
            return false;
        }
        pending = request;
        return true;
    }

    /** The pending request's bytes. */
    Optional<byte[]> poll() {
        Pending<?> request = heard();
        return Optional.ofNullable(request).map(its -> its.message().get());
    }

    /** The client is there. Returns what is pending. */
    synchronized @Nullable Pending<?> heard() {
        heard = timing.now();
        presumedGone = false;
        return pending;
    }

    synchronized boolean isPresent() {
        return heard != null && !presumedGone && timing.now().minus(heard).compareTo(patience) < 0;
    }

    /** Whether the client has answered a stage with this task. */
    synchronized boolean holds(HeldTask task) {
        return task.equals(held);
    }

    synchronized void hold(HeldTask task) {
        held = task;
    }

    /**
     * Takes an answer, once.
     *
     * @param bytes the answer's
     * @throws MessageRefusedException if nothing of it counts
     */
    void take(Answer answer, byte[] bytes) {
        Pending<?> request = heard();
        Payload digest = Digests.of(bytes);
        if (request == null || !request.id().equals(answer.id())) {
            requireRepeated(answer, digest);
            return;
        }
        Runnable complete = request.read(answer);
        if (isFirst(request, digest)) {
            complete.run();
        } else {
            requireRepeated(answer, digest);
        }
    }

    private synchronized boolean isFirst(Pending<?> request, Payload digest) {
        if (pending == null || !pending.id().equals(request.id())) {
            return false;
        }
        pending = null;
        last = new Taken(request.id(), digest);
        return true;
    }

    private synchronized void requireRepeated(Answer answer, Payload digest) {
        if (last == null || !last.id().equals(answer.id())) {
            throw new MessageRefusedException(
                    Refusal.FOREIGN,
                    "client '" + client + "': its answer is to request " + answer.id()
                            + ", which is not pending; is it of a round that is over, or of a server before a restart?");
        }
        if (!last.digest().equals(digest)) {
            throw new MessageRefusedException(
                    Refusal.REPLAYED,
                    "client '" + client + "': request " + answer.id()
                            + " was answered before, with other bytes; are there two processes of this client?");
        }
    }

    private synchronized void withdraw(RequestId id) {
        if (pending != null && pending.id().equals(id)) {
            pending = null;
        }
    }

    private void watch(RequestId id, Duration wait) {
        Duration asked = timing.now();
        timing.after(wait, () -> check(id, asked));
    }

    /** Looks again later at a client that was heard of in the meantime. */
    private void check(RequestId id, Duration since) {
        Pending<?> request;
        Duration left;
        synchronized (this) {
            request = pending;
            if (request == null || !request.id().equals(id)) {
                return;
            }
            Duration from = heard == null || heard.compareTo(since) < 0 ? since : heard;
            left = patience.minus(timing.now().minus(from));
            presumedGone = left.isNegative() || left.isZero();
        }
        if (left.isNegative() || left.isZero()) {
            request.fail(gone());
        } else {
            timing.after(left, () -> check(id, since));
        }
    }
}
