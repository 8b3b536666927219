package org.fl4j.monitoring;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MLflow's REST interface, version 2.0, as far as a sink needs it. No message holds the token. */
final class MlflowRequests {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Pattern RUN_ID = Pattern.compile("\"run_id\"\\s*:\\s*\"([A-Za-z0-9_-]{1,100})\"");
    private static final Pattern ERROR_CODE = Pattern.compile("\"error_code\"\\s*:\\s*\"([A-Z_]{1,60})\"");
    private static final int OK = 200;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERRORS = 500;

    /** Redirects are not followed: the token is for this server. */
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private final URI base;
    private final Optional<String> token;

    MlflowRequests(URI base, Optional<String> token) {
        this.base = base;
        this.token = token;
    }

    /**
     * Asks and returns the first run's id in the answer, if there is one.
     *
     * @param call such as {@code runs/create}
     * @param body JSON
     */
    Optional<String> post(String call, String body)
            throws IOException, InterruptedException, OutboundQueue.RefusedException {
        String path = base.getPath() == null ? "" : base.getPath();
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        base.resolve((path.endsWith("/") ? path : path + "/") + "api/2.0/mlflow/" + call))
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        token.ifPresent(its -> request.header("Authorization", "Bearer " + its));
        HttpResponse<String> answer =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        int status = answer.statusCode();
        if (status == OK) {
            return first(RUN_ID, answer.body());
        }
        String what = call + ": status " + status
                + first(ERROR_CODE, answer.body()).map(code -> ", " + code).orElse("");
        if (status >= SERVER_ERRORS || status == TIMEOUT || status == TOO_MANY) {
            throw new IOException(what);
        }
        throw new OutboundQueue.RefusedException(what);
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
