package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.LocalClient;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.remote.RemoteClients;
import org.fl4j.remote.RemoteSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 10,000 damaged copies of recorded HTTP requests, head and body, at a server while it runs rounds with the requests' senders. Whatever a
 * request is made of, the server lives, and the weights are those of one process.
 */
@Timeout(240)
class RemoteMutationTest {

    private static final int MUTATIONS = 10_000;
    private static final int ROUNDS = 5;
    private static final int MOST_ATTEMPTS = 100;
    private static final int RESET = -1;
    private static final int DIMENSION = 4;
    private static final List<ClientId> IDS = ClientId.numbered("writer-", 2);
    private static final ModelPool<QuadraticModel> MODELS = ModelPool.of(() -> new QuadraticModel(DIMENSION));
    private static final int EACH = MUTATIONS / (ROUNDS * 2);

    private final Random random = new Random(15);
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private int taken;
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private static double[][] data(ClientId id) {
        double[] point = new double[DIMENSION];
        Arrays.setAll(point, i -> Math.sin(17 * i + id.value().hashCode()));
        return new double[][] {point};
    }

    private static ServerState run(ClientProvider clients) {
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .build()) {
            return server.run(ServerState.initial(MODELS.initialWeights(), 7), ROUNDS)
                    .state();
        }
    }

    @Test
    void damagedRequestsChangeNoSumAndCrashNothing() throws Exception {
        RemoteClients clients = RemoteClients.of(IDS).withLargestAnswer(1 << 16);
        Map<ClientId, String> digests = new HashMap<>();
        IDS.forEach(id -> digests.put(id, RemoteTokens.digest(id.value())));
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        List<Thread> threads = new ArrayList<>();
        try (ExchangeThreads exchanges = new ExchangeThreads(4, Duration.ofSeconds(2))) {
            http.setExecutor(exchanges);
            http.createContext("/", new RemoteEndpoint(clients, new RemoteTokens(digests), log::add));
            http.start();
            for (ClientId id : IDS) {
                Thread thread = new Thread(() -> serve(id, http.getAddress()), id.value());
                threads.add(thread);
                thread.start();
            }
            assertEquals(run(ClientProvider.local(IDS, RemoteMutationTest::data, MODELS)), run(clients));
        } finally {
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join();
            }
            http.stop(0);
        }
        assertEquals(
                MUTATIONS, statuses.values().stream().mapToInt(count -> count).sum());
        assertEquals(0, taken);
        assertTrue(statuses.keySet().stream().allMatch(status -> status < 500), statuses::toString);
        assertTrue(statuses.getOrDefault(RESET, 0) < MUTATIONS / 100, statuses::toString);
        assertTrue(statuses.getOrDefault(400, 0) > MUTATIONS / 5, statuses::toString);
        assertTrue(log.size() > MUTATIONS / 2, () -> "lines " + log.size() + ", statuses " + statuses);
    }

    private void serve(ClientId id, InetSocketAddress server) {
        RemoteSession session = RemoteSession.of(LocalClient.of(id, data(id), MODELS));
        byte[] poll = RemoteEndpointTest.message("/poll", id.value(), new byte[0]);
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Optional<byte[]> request = body(send(server, poll));
                if (request.isPresent()) {
                    byte[] answer = RemoteEndpointTest.message("/answer", id.value(), session.answer(request.get()));
                    damage(server, answer, poll);
                    send(server, answer);
                } else {
                    Thread.sleep(1);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** While the right answer is waited for. Of a damaged poll the head alone can be damaged, so it may be served. */
    private synchronized void damage(InetSocketAddress server, byte[] answer, byte[] poll) throws IOException {
        for (int i = 0; i < EACH; i++) {
            boolean isPoll = i % 10 == 0;
            int status = statusOf(server, isPoll ? damaged(poll, 0) : damagedAnswer(answer));
            statuses.merge(status, 1, Integer::sum);
            taken += !isPoll && status / 100 == 2 ? 1 : 0;
        }
    }

    /** Always its body, so that none of them is the right answer; of every fourth the head as well. */
    private byte[] damagedAnswer(byte[] message) {
        int head = new String(message, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        byte[] damaged;
        do {
            damaged = damaged(message, head);
            damaged = random.nextInt(4) == 0 && damaged.length > head ? damaged(damaged, 0) : damaged;
        } while (Arrays.equals(message, damaged));
        return damaged;
    }

    private byte[] damaged(byte[] message, int from) {
        byte[] copy = message.clone();
        do {
            switch (random.nextInt(4)) {
                case 0 -> copy[at(copy, from)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> {
                    for (int i = 0; i < 4; i++) {
                        copy[at(copy, from)] = (byte) random.nextInt();
                    }
                }
                case 2 -> {
                    return Arrays.copyOf(message, at(message, from));
                }
                default -> copy[at(copy, from)] = (byte) random.nextInt();
            }
        } while (Arrays.equals(copy, message));
        return copy;
    }

    private int at(byte[] message, int from) {
        return from + random.nextInt(message.length - from);
    }

    private static int status(byte[] response) {
        String line = new String(response, 0, Math.min(12, response.length), StandardCharsets.ISO_8859_1);
        return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9, 12)) : 0;
    }

    /** A server that closes with some of a damaged message unread resets the connection, and its answer may be lost with it. */
    private static int statusOf(InetSocketAddress server, byte[] damaged) throws IOException {
        try {
            return status(send(server, damaged));
        } catch (SocketException e) {
            return RESET;
        }
    }

    /** A server that refuses by the head may close before it has read the rest: then the connection is reset, and a client calls again. */
    private static byte[] send(InetSocketAddress server, byte[] message) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return exchange(server, message);
            } catch (SocketException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static byte[] exchange(InetSocketAddress server, byte[] message) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.getOutputStream().write(message);
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes();
        }
    }

    private static Optional<byte[]> body(byte[] response) {
        String text = new String(response, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        return text.startsWith("HTTP/1.1 200")
                ? Optional.of(Arrays.copyOfRange(response, end + 4, response.length))
                : Optional.empty();
    }
}
