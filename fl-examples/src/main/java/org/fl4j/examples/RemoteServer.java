package org.fl4j.examples;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.fl4j.remote.RemoteClients;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's process in {@link RemoteDigits}: mailboxes behind HTTPS on the loopback address, and a run with a checkpoint after each round.
 * Started again after a kill it listens on the same port, waits for its clients and goes on: the round that was under way begins again, a masked one
 * with fresh keys.
 */
final class RemoteServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteServer.class);
    private static final int THREADS = 8;
    private static final int BACKLOG = 64;
    private static final int LARGEST_ANSWER = 1 << 24;
    private static final Duration EXCHANGE = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 20;

    private final RemoteFiles files;
    private final RemoteSetting setting;
    private final RemoteClients clients;
    private final HttpsServer http;
    private final ExchangeThreads threads = new ExchangeThreads(THREADS, EXCHANGE);

    private RemoteServer(RemoteFiles files, RemoteSetting setting, RemoteClients clients, HttpsServer http) {
        this.files = files;
        this.setting = setting;
        this.clients = clients;
        this.http = http;
    }

    /**
     * Runs a server until its last round.
     *
     * @param args folder, setting, last round, seconds after which a silent client is presumed gone
     */
    public static void main(String[] args) throws IOException, GeneralSecurityException, InterruptedException {
        RemoteFiles files = new RemoteFiles(Path.of(args[0]));
        try (RemoteServer server =
                start(files, RemoteSetting.valueOf(args[1]), Duration.ofSeconds(Integer.parseInt(args[3])))) {
            server.awaitClients();
            server.run(Integer.parseInt(args[2]), builder -> builder);
        }
    }

    /** Listens, on the port of the last start if there was one; requests go through the filters first. */
    static RemoteServer start(RemoteFiles files, RemoteSetting setting, Duration patience, Filter... filters)
            throws IOException, GeneralSecurityException {
        RemoteClients clients = setting.clients().withPatience(patience).withLargestAnswer(LARGEST_ANSWER);
        Path port = files.folder().resolve("port");
        int wanted = Files.exists(port) ? Integer.parseInt(Files.readString(port)) : 0;
        HttpsServer http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), BACKLOG);
        RemoteServer server = new RemoteServer(files, setting, clients, http);
        http.setHttpsConfigurator(new HttpsConfigurator(files.serverTls()));
        http.setExecutor(server.threads);
        http.createContext("/", new RemoteEndpoint(clients, files.tokens(), LOG::warn))
                .getFilters()
                .addAll(List.of(filters));
        http.start();
        Files.writeString(port, String.valueOf(http.getAddress().getPort()));
        return server;
    }

    /** Where clients find it. */
    URI uri() {
        return URI.create("https://localhost:" + http.getAddress().getPort());
    }

    /** Waits until all clients have been heard of. */
    void awaitClients() throws InterruptedException {
        while (clients.present().size() < clients.ids().size()) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** Runs up to a round, from the newest checkpoint if there is one. */
    ServerState run(int lastRound, UnaryOperator<ServerBuilder> more) throws IOException, GeneralSecurityException {
        try (FederatedServer server = more.apply(setting.server(files).clients(clients))
                .checkpoints(CheckpointStore.in(files.server().resolve("checkpoints")))
                .build()) {
            return server.runUntil(lastRound, RemoteSetting.start());
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.close();
    }
}
