package org.fl4j.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.remote.MessageRefusedException;
import org.fl4j.remote.RemoteClients;

/**
 * Mailboxes over HTTP. Every request is a POST with the client's token ({@code Authorization: Bearer ...}):
 *
 * <pre>
 *  /poll        200 and the pending request's bytes, or 204: nothing yet
 *  /answer      204: taken, also if it was before
 *  /heartbeat   204
 * </pre>
 *
 * <p>What is refused changes nothing and is logged in a line without its content: 400 malformed, 401 no or a wrong token, 403 not of the
 * population, 404, 405, 409 foreign or replayed, 411 without a length, 413 too long (it is not read), 500.
 */
final class RemoteEndpoint implements HttpHandler {

    private static final String BEARER = "Bearer ";

    private final RemoteClients clients;
    private final RemoteTokens tokens;
    private final Consumer<String> log;

    RemoteEndpoint(RemoteClients clients, RemoteTokens tokens, Consumer<String> log) {
        this.clients = clients;
        this.tokens = tokens;
        this.log = log;
    }

    private record Refused(int status, String why) {}

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional<Refused> refused = refusal(exchange);
            if (refused.isPresent()) {
                refuse(exchange, refused.get());
                return;
            }
            answer(exchange, holder(exchange).orElseThrow());
        } catch (IOException e) {
            log.accept("connection lost or too slow: " + e.getClass().getSimpleName());
            throw e;
        }
    }

    private void answer(HttpExchange exchange, ClientId who) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Optional<byte[]> response;
        try {
            response = serve(exchange.getRequestURI().getPath(), who, body);
        } catch (MessageRefusedException e) {
            refuse(exchange, new Refused(status(e.refusal()), String.valueOf(e.getMessage())));
            return;
        } catch (RuntimeException e) {
            refuse(
                    exchange,
                    new Refused(500, "client '" + who + "': " + e.getClass().getName()));
            return;
        }
        if (response.isEmpty()) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        exchange.sendResponseHeaders(200, response.get().length);
        exchange.getResponseBody().write(response.get());
    }

    private Optional<byte[]> serve(String path, ClientId who, byte[] body) {
        if (path.equals("/poll")) {
            return clients.poll(who);
        }
        if (path.equals("/answer")) {
            clients.answer(who, body);
        } else {
            clients.heartbeat(who);
        }
        return Optional.empty();
    }

    /** What can be said before the body is read. */
    private Optional<Refused> refusal(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        if (!path.equals("/poll") && !path.equals("/answer") && !path.equals("/heartbeat")) {
            return Optional.of(new Refused(404, "no such path"));
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            return Optional.of(new Refused(405, "not a POST"));
        }
        Optional<ClientId> who = holder(exchange);
        if (who.isEmpty()) {
            return Optional.of(new Refused(401, "no token, or one that is nobody's"));
        }
        return tooLong(exchange, path.equals("/answer") ? clients.largestAnswer() : 0)
                .map(refused -> new Refused(refused.status(), "client '" + who.get() + "': " + refused.why()));
    }

    private static Optional<Refused> tooLong(HttpExchange exchange, long limit) {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length == null) {
            return exchange.getRequestHeaders().containsKey("Transfer-Encoding") || limit > 0
                    ? Optional.of(new Refused(411, "a body without its length"))
                    : Optional.empty();
        }
        try {
            return Long.parseLong(length) > limit
                    ? Optional.of(new Refused(413, "a body of over " + limit + " bytes"))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.of(new Refused(400, "a length that is no number"));
        }
    }

    private Optional<ClientId> holder(HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        return authorization != null && authorization.startsWith(BEARER)
                ? tokens.holder(authorization.substring(BEARER.length()))
                : Optional.empty();
    }

    private static int status(MessageRefusedException.Refusal refusal) {
        return switch (refusal) {
            case UNKNOWN_CLIENT -> 403;
            case TOO_LARGE -> 413;
            case MALFORMED -> 400;
            case FOREIGN, REPLAYED -> 409;
        };
    }

    private void refuse(HttpExchange exchange, Refused refused) throws IOException {
        log.accept(refused.status() + ": " + refused.why());
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.sendResponseHeaders(refused.status(), -1);
    }
}
