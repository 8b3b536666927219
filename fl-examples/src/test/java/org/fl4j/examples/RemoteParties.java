package org.fl4j.examples;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.fl4j.ClientId;
import org.fl4j.remote.RemoteSession;

/** Processes and clients of one remote federation, all of which end with it. */
final class RemoteParties implements AutoCloseable {

    private static final long LOOK_MILLIS = 5;

    private final RemoteFiles files;
    private final RemoteSetting setting;
    private final Map<ClientId, Process> clients = new HashMap<>();
    private final List<Process> servers = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    RemoteParties(RemoteFiles files, RemoteSetting setting) {
        this.files = files;
        this.setting = setting;
    }

    /** Starts a client's process, in the place of one that was killed if there was one. */
    synchronized void startClient(ClientId id, URI server) throws IOException {
        clients.put(
                id,
                start(JavaProcess.of(
                        RemoteClient.class, files.folder().toString(), id.value(), setting.name(), server.toString())));
    }

    /** What these processes compute is over before a second compiler pays. */
    private Process start(ProcessBuilder process) throws IOException {
        process.environment().put("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m");
        File log = files.folder().resolve("processes.log").toFile();
        return process.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    /** kill -9, until it is dead. */
    synchronized void killClient(ClientId id) throws InterruptedException {
        clients.get(id).destroyForcibly().waitFor();
    }

    /** Starts the server's process, and waits until it listens. */
    URI startServer(int lastRound, int patienceSeconds) throws IOException, InterruptedException {
        Path port = files.folder().resolve("port");
        servers.add(start(JavaProcess.of(
                RemoteServer.class,
                files.folder().toString(),
                setting.name(),
                String.valueOf(lastRound),
                String.valueOf(patienceSeconds))));
        while (!Files.exists(port) || Files.size(port) == 0) {
            Thread.sleep(LOOK_MILLIS);
        }
        return URI.create("https://localhost:" + Files.readString(port));
    }

    /** kill -9, until it is dead. */
    void killServer() throws InterruptedException {
        server().destroyForcibly().waitFor();
    }

    /** The server's process that was started last. */
    Process server() {
        return servers.get(servers.size() - 1);
    }

    /** How often a server's process was started. */
    int serverStarts() {
        return servers.size();
    }

    /** What a test puts around a client's end. */
    interface Around {
        RemoteClient.End around(RemoteClient.End end);
    }

    /** A client on a thread of this process. */
    void serve(ClientId id, URI server, Around around) throws IOException, GeneralSecurityException {
        RemoteSession session = setting.session(id, files);
        RemoteClient client = new RemoteClient(server, files.clientTls(), files.token(id));
        Thread thread = new Thread(
                () -> {
                    try (session;
                            client) {
                        client.serve(around.around(session::answer));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                id.value());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        clients.values().forEach(Process::destroyForcibly);
        servers.forEach(Process::destroyForcibly);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
            for (Process process : clients.values()) {
                process.waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
