package org.fl4j.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Four calls of MLflow's REST interface on loopback, as its documentation describes them. */
final class MlflowStub implements AutoCloseable {

    /** A request: the call and the body. */
    record Request(String call, String body, String authorization) {}

    final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger failuresToCome = new AtomicInteger();
    volatile String refused = "";
    volatile CountDownLatch open = new CountDownLatch(0);

    private final ConcurrentHashMap<String, String> idsByTag = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    MlflowStub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/tracking/api/2.0/mlflow/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/tracking");
    }

    List<String> bodies(String call) {
        return List.copyOf(requests).stream()
                .filter(request -> request.call().equals(call))
                .map(Request::body)
                .toList();
    }

    /** All metrics that were logged, as "key step value timestamp". */
    List<String> metrics() {
        List<String> metrics = new ArrayList<>();
        Pattern metric = Pattern.compile(
                "\\{\"key\":\"([^\"]+)\",\"value\":([^,]+),\"timestamp\":([0-9]+),\"step\":([0-9]+)\\}");
        for (String body : bodies("runs/log-batch")) {
            Matcher found = metric.matcher(body);
            while (found.find()) {
                metrics.add(found.group(1) + " " + found.group(4) + " " + found.group(2) + " " + found.group(3));
            }
        }
        return metrics;
    }

    @Override
    public void close() {
        open.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String call = exchange.getRequestURI().getPath().substring("/tracking/api/2.0/mlflow/".length());
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (failuresToCome.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            send(exchange, 503, "away");
            return;
        }
        if (call.equals(refused)) {
            send(exchange, 403, "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"no\"}");
            return;
        }
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(new Request(call, body, authorization == null ? "" : authorization));
        send(exchange, 200, result(call, body));
    }

    private String result(String call, String body) {
        return switch (call) {
            case "runs/create" -> {
                String id = "id" + idsByTag.size();
                idsByTag.put(group(body, "\"key\":\"fl4j.run\",\"value\":\"([^\"]+)\""), id);
                yield "{\"run\": {\"info\": {\"run_uuid\": \"x\", \"run_id\": \"" + id + "\"}, \"data\": {}}}";
            }
            case "runs/search" -> {
                String id = idsByTag.get(group(body, "tags.`fl4j.run` = '([^']+)'"));
                yield id == null ? "{}" : "{\"runs\":[{\"info\":{\"run_id\":\"" + id + "\"}}]}";
            }
            default -> "{}";
        };
    }

    private static String group(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        if (!found.find()) {
            throw new AssertionError(pattern + " is not in " + text);
        }
        return found.group(1);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
