package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fl4j.ClientId;
import org.fl4j.data.StrokeDigits;
import org.fl4j.server.checkpoint.ServerState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Clients that are elsewhere: a server and three client processes on the loopback address, over HTTPS with a token for each client. The clients poll,
 * so they could sit behind firewalls. In the clear, with noise, or masked against a server that may lie.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.RemoteDigits}, and again with
 * {@code -Dargs="--setting MASKED"}; each ends with a line such as {@code PLAIN: 10 rounds in 4.1 s, test accuracy 0.5125}.
 *
 * <p>What a host of its own replaces: {@link RemoteFiles} (certificate, tokens, identities), {@link RemoteEndpoint} and
 * {@link RemoteClient} (the transport). {@code docs/remote.md} says what stays.
 */
@Command(
        name = "remote-digits",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Trains over three client processes that poll over HTTPS.")
public final class RemoteDigits implements Callable<Integer> {

    private static final int HELD_OUT = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(names = "--setting", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private RemoteSetting setting = RemoteSetting.PLAIN;

    @Option(names = "--rounds", description = "How many rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 10;

    RemoteDigits() {}

    /**
     * Starts the server, which starts the clients.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new RemoteDigits(), args));
    }

    @Override
    public Integer call() throws Exception {
        RemoteFiles files = RemoteFiles.create(Files.createTempDirectory("remote-digits-"), RemoteSetting.IDS);
        List<Process> processes = new ArrayList<>();
        try (RemoteServer server = RemoteServer.start(files, setting, PATIENCE);
                RoundProgress progress = new RoundProgress()) {
            for (ClientId id : RemoteSetting.IDS) {
                processes.add(startClient(files, id, setting, server));
            }
            server.awaitClients();
            long start = System.nanoTime();
            ServerState end = server.run(rounds, builder -> builder.listeners(progress));
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d rounds in %.1f s, test accuracy %.4f%n",
                    setting,
                    end.round(),
                    (System.nanoTime() - start) / 1e9,
                    accuracy(end));
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        return 0;
    }

    /** The token is in a file that the client reads: arguments are for everybody on a machine to see. */
    static Process startClient(RemoteFiles files, ClientId id, RemoteSetting setting, RemoteServer server)
            throws IOException {
        return JavaProcess.of(
                        RemoteClient.class,
                        files.folder().toString(),
                        id.value(),
                        setting.name(),
                        server.uri().toString())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static double accuracy(ServerState end) {
        return RemoteSetting.models().with(model -> {
            model.load(end.weights());
            return model.evaluate(StrokeDigits.of(RemoteSetting.SEED).heldOut(HELD_OUT))
                    .accuracy()
                    .orElseThrow();
        });
    }
}
