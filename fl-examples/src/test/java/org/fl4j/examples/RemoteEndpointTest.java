package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.remote.RemoteClients;
import org.fl4j.remote.RemoteSession;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the mailboxes' HTTP end refuses, by status and line, and that nobody holds its threads. */
@Timeout(60)
class RemoteEndpointTest {

    private static final ClientId SELF = new ClientId("writer-0");
    private static final ClientId OTHER = new ClientId("writer-1");
    private static final ClientId FORMER = new ClientId("writer-9");
    private static final Duration EXCHANGE = Duration.ofMillis(500);
    private static final int THREADS = 2;
    private static final int LARGEST = 10_000;

    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final RemoteClients clients = RemoteClients.of(List.of(SELF, OTHER)).withLargestAnswer(LARGEST);
    private final RemoteTokens tokens = new RemoteTokens(Map.of(
            SELF, RemoteTokens.digest("t-0"), OTHER, RemoteTokens.digest("t-1"), FORMER, RemoteTokens.digest("t-9")));
    private final ExchangeThreads threads = new ExchangeThreads(THREADS, EXCHANGE);
    private final RemoteSession session = RemoteSession.of(new Client() {
        @Override
        public ClientId id() {
            return SELF;
        }

        @Override
        public ClientUpdate train(TrainingTask task) {
            return ClientUpdate.of(SELF, task, ModelDelta.of(task.global().layout(), 1, 2), 7);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            throw new UnsupportedOperationException("no evaluation");
        }
    });
    private HttpServer http;

    @BeforeEach
    void listen() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        http.setExecutor(threads);
        http.createContext("/", new RemoteEndpoint(clients, tokens, log::add));
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
        threads.close();
    }

    private CompletionStage<ClientUpdate> ask() throws Exception {
        ModelWeights weights = QuadraticModel.weightsOf(1, -1);
        return ((NonBlockingClient) clients.client(SELF))
                .trainAsync(new TrainingTask(
                        1, weights, LocalTraining.steps(1), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1));
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), http.getAddress().getPort());
    }

    static byte[] message(String path, String token, byte[] body) {
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    /** The status of the response; 0 if there is none. */
    private int send(byte[] message) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(message);
            socket.shutdownOutput();
            return status(socket);
        }
    }

    private int send(String path, String token, byte[] body) throws IOException {
        return send(message(path, token, body));
    }

    private static int status(Socket socket) throws IOException {
        byte[] response = socket.getInputStream().readAllBytes();
        String line = new String(response, 0, Math.min(12, response.length), StandardCharsets.ISO_8859_1);
        return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9, 12)) : 0;
    }

    private void lines(String... expected) {
        assertEquals(List.of(expected), List.copyOf(log));
    }

    /** A connection is closed before its line is written. */
    private void awaitLost(int lines) throws InterruptedException {
        while (log.size() < lines) {
            Thread.sleep(5);
        }
        assertTrue(log.stream().allMatch(line -> line.startsWith("connection lost or too slow: ")), log::toString);
        assertEquals(lines, log.size());
    }

    @Test
    void whatIsInOrderIsServed() throws Exception {
        assertEquals(204, send("/poll", "t-0", new byte[0]));
        assertEquals(204, send("/heartbeat", "t-0", new byte[0]));
        CompletionStage<ClientUpdate> update = ask();
        assertEquals(200, send("/poll", "t-0", new byte[0]));
        byte[] answer = session.answer(clients.poll(SELF).orElseThrow());
        assertEquals(204, send("/answer", "t-0", answer));
        assertEquals(204, send("/answer", "t-0", answer), "taken before");
        assertEquals(7, update.toCompletableFuture().get().numExamples());
        lines();
    }

    @Test
    void whoIsNotKnownIsRefused() throws IOException {
        assertEquals(401, send("/poll", "t-2", new byte[0]));
        assertEquals(401, send("POST /poll HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(403, send("/poll", "t-9", new byte[0]));
        lines(
                "401: no token, or one that is nobody's",
                "401: no token, or one that is nobody's",
                "403: there is no client 'writer-9'");
    }

    @Test
    void whatIsMalformedForeignOrReplayedIsRefusedAndNothingIsLost() throws Exception {
        CompletionStage<ClientUpdate> update = ask();
        byte[] answer = session.answer(clients.poll(SELF).orElseThrow());
        assertEquals(400, send("/answer", "t-0", new byte[] {1, 2, 3}));
        assertEquals(409, send("/answer", "t-1", answer));
        assertEquals(404, send("/elsewhere", "t-0", answer));
        assertEquals(405, send("GET /poll HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        assertFalse(update.toCompletableFuture().isDone());

        assertEquals(204, send("/answer", "t-0", answer));
        CompletionStage<ClientUpdate> next = ask();
        byte[] nextAnswer = session.answer(clients.poll(SELF).orElseThrow());
        assertEquals(204, send("/answer", "t-0", nextAnswer));
        assertEquals(409, send("/answer", "t-0", answer));
        assertEquals(7, next.toCompletableFuture().get().numExamples());
        assertEquals(
                List.of("400", "409", "404", "405", "409"),
                log.stream().map(line -> line.substring(0, 3)).toList());
        assertTrue(log.stream().noneMatch(line -> line.contains("t-0") || line.contains("t-1")), log::toString);
    }

    /** It is refused by its head: of 10 GB not a byte is read. */
    @Test
    void aBodyOfTenGigabytesIsNotRead() throws Exception {
        CompletionStage<ClientUpdate> update = ask();
        for (String length : new String[] {"Content-Length: 10737418240", "Content-Length: " + (LARGEST + 1)}) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(("POST /answer HTTP/1.1\r\nAuthorization: Bearer t-0\r\n" + length + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertEquals(413, status(socket));
            }
        }
        assertEquals(
                411,
                send("POST /answer HTTP/1.1\r\nAuthorization: Bearer t-0\r\nTransfer-Encoding: chunked\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII)));
        assertEquals(413, send("/poll", "t-0", new byte[1]));
        assertFalse(update.toCompletableFuture().isDone());
        assertEquals(
                204, send("/answer", "t-0", session.answer(clients.poll(SELF).orElseThrow())));
        lines(
                "413: client 'writer-0': a body of over 10000 bytes",
                "413: client 'writer-0': a body of over 10000 bytes",
                "411: client 'writer-0': a body without its length",
                "413: client 'writer-0': a body of over 0 bytes");
    }

    /** More connections than threads, each of which sends a part and no more: of a head, of a body. */
    @Test
    void slowWritersHoldNoThread() throws Exception {
        List<Socket> slow = new ArrayList<>();
        byte[] whole = message("/answer", "t-0", new byte[1_000]);
        for (int i = 0; i < 4 * THREADS; i++) {
            Socket socket = connect();
            slow.add(socket);
            socket.getOutputStream().write(whole, 0, i % 2 == 0 ? 20 : whole.length - 10);
        }
        assertEquals(204, send("/poll", "t-1", new byte[0]));
        for (Socket socket : slow) {
            assertEquals(0, status(socket), "closed by the server");
            socket.close();
        }
        awaitLost(2 * THREADS);
    }

    /** It asks for what is pending and does not read it. */
    @Test
    void slowReadersHoldNoThread() throws Exception {
        ModelWeights large = QuadraticModel.weightsOf(new double[4_000_000]);
        ((NonBlockingClient) clients.client(SELF))
                .trainAsync(
                        new TrainingTask(1, large, LocalTraining.steps(1), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1));
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 2 * THREADS; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(1 << 12);
            socket.connect(http.getAddress());
            slow.add(socket);
            socket.getOutputStream().write(message("/poll", "t-0", new byte[0]));
        }
        assertEquals(204, send("/poll", "t-1", new byte[0]));
        for (Socket socket : slow) {
            socket.close();
        }
        assertTrue(clients.poll(SELF).isPresent(), "nothing is lost");
        awaitLost(2 * THREADS);
    }
}
