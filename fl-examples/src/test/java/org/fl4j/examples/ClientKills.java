package org.fl4j.examples;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;

/**
 * Kills a client's process at a moment that is told by its messages: when one of its answers has arrived and before the server takes it, or
 * once the server has taken it.
 */
final class ClientKills extends Filter {

    private static final int POLLS = 3;

    enum When {
        BEFORE_ITS_ANSWER,
        AFTER_ITS_ANSWER
    }

    record Kill(ClientId client, int answer, When when) {}

    /** kill -9. */
    interface Killer {
        void kill(ClientId client) throws InterruptedException;
    }

    private final RemoteTokens tokens;
    private final Killer killer;
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger polls = new AtomicInteger();
    private volatile Optional<ClientId> expected = Optional.empty();
    private volatile Optional<Kill> armed = Optional.empty();

    ClientKills(RemoteTokens tokens, Killer killer) {
        this.tokens = tokens;
        this.killer = killer;
    }

    /** Counts the client's answers from now on. */
    void arm(Kill kill) {
        answers.set(0);
        armed = Optional.of(kill);
    }

    /** Whether the kill has happened. */
    boolean isDone() {
        return armed.isEmpty();
    }

    /** Begins to count polls of a client whose process was started. */
    void expect(ClientId client) {
        polls.set(0);
        expected = Optional.of(client);
    }

    /** Whether a process polls that is not the one before: of that at most one request was still under way. */
    boolean isBack() {
        return polls.get() >= POLLS;
    }

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        Optional<Kill> kill = armed.filter(its -> isFrom(its.client(), exchange));
        if (expected.isPresent()
                && exchange.getRequestURI().getPath().equals("/poll")
                && isFrom(expected.get(), exchange)) {
            polls.incrementAndGet();
        }
        boolean isAnswer = exchange.getRequestURI().getPath().equals("/answer");
        if (kill.isEmpty()
                || !isAnswer
                || answers.incrementAndGet() != kill.get().answer()) {
            chain.doFilter(exchange);
            return;
        }
        if (kill.get().when() == When.BEFORE_ITS_ANSWER) {
            kill(kill.get());
            exchange.close();
        } else {
            chain.doFilter(exchange);
            kill(kill.get());
        }
    }

    private void kill(Kill kill) {
        try {
            killer.kill(kill.client());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        armed = Optional.empty();
    }

    private boolean isFrom(ClientId client, HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        return authorization != null
                && tokens.holder(authorization.substring("Bearer ".length())).equals(Optional.of(client));
    }

    @Override
    public String description() {
        return "kills client processes";
    }
}
