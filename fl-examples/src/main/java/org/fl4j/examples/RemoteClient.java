package org.fl4j.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.fl4j.ClientId;
import org.fl4j.remote.MessageRefusedException;
import org.fl4j.remote.RemoteSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's process in {@link RemoteDigits}: it polls, works and answers, and says in between that it is there. It opens all
 * connections itself, so it may sit behind a firewall. A server that is away is tried again, later and later.
 */
final class RemoteClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteClient.class);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration HEARTBEAT = Duration.ofMillis(500);
    private static final Duration TIME_OUT = Duration.ofSeconds(10);
    private static final Duration FIRST_WAIT = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    /** Answers requests: a {@link RemoteSession}, or something around one. */
    interface End {
        byte[] answer(byte[] request) throws InterruptedException;
    }

    private final URI server;
    private final String token;
    private final HttpClient http;
    private final Thread heart = new Thread(this::beat, "heart");

    RemoteClient(URI server, SSLContext tls, String token) {
        this.server = server;
        this.token = token;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .connectTimeout(TIME_OUT)
                .build();
        heart.setDaemon(true);
    }

    /**
     * Answers until the process is ended.
     *
     * @param args folder, client's id, setting, the server's address
     */
    public static void main(String[] args) throws IOException, GeneralSecurityException, InterruptedException {
        RemoteFiles files = new RemoteFiles(Path.of(args[0]));
        ClientId id = new ClientId(args[1]);
        try (RemoteSession session = RemoteSetting.valueOf(args[2]).session(id, files);
                RemoteClient client = new RemoteClient(URI.create(args[3]), files.clientTls(), files.token(id))) {
            client.serve(session::answer);
        }
    }

    /** Answers until the thread is interrupted. */
    void serve(End end) throws InterruptedException {
        heart.start();
        while (true) {
            Optional<byte[]> request = post("/poll", new byte[0]);
            if (request.isPresent()) {
                answer(end, request.get());
            } else {
                Thread.sleep(POLL.toMillis());
            }
        }
    }

    private void answer(End end, byte[] request) throws InterruptedException {
        byte[] answer;
        try {
            answer = end.answer(request);
        } catch (MessageRefusedException e) {
            LOG.warn("{}: {}", e.refusal(), e.getMessage());
            Thread.sleep(LONGEST_WAIT.toMillis());
            return;
        }
        post("/answer", answer);
    }

    /**
     * Sends until there is a response; the server takes an answer once, however often it arrives. What it refuses is not sent again.
     *
     * @return the response's bytes, if there are any
     */
    private Optional<byte[]> post(String path, byte[] body) throws InterruptedException {
        Duration wait = FIRST_WAIT;
        while (true) {
            try {
                HttpResponse<byte[]> response = send(path, body);
                if (response.statusCode() < 500) {
                    return accepted(path, response);
                }
            } catch (IOException e) {
                LOG.debug("the server is away", e);
            }
            Thread.sleep(wait.toMillis());
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
        }
    }

    private HttpResponse<byte[]> send(String path, byte[] body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(TIME_OUT)
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static Optional<byte[]> accepted(String path, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            throw new IllegalStateException(
                    "the server does not know this client (" + status + "); is its token the one that it was given?");
        }
        if (status >= 400) {
            LOG.warn("{}: the server refused it with {}", path, status);
        }
        return status == 200 ? Optional.of(response.body()) : Optional.empty();
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(HEARTBEAT.toMillis());
                try {
                    send("/heartbeat", new byte[0]);
                } catch (IOException e) {
                    LOG.debug("the server is away", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        heart.interrupt();
    }
}
