package org.fl4j.examples;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.data.StrokeDigits;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.PlainSession;
import org.fl4j.server.checkpoint.ServerState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Clients in processes of their own on one machine: what a host's transport does, here over pipes, and what it costs not to
 * pin native threads where processes share cores.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Processes}, and again
 * with {@code -Dargs="--unpinned"}; each ends with a line such as {@code pinned, 4 processes: 10 rounds in 7.2 s}.
 */
@Command(
        name = "processes",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Trains over clients in processes of their own.")
public final class Processes implements Callable<Integer> {

    private static final long SEED = 42;

    @Option(names = "--clients", description = "How many processes (default: ${DEFAULT-VALUE}).")
    private int clients = 4;

    @Option(names = "--rounds", description = "How many rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 10;

    @Option(names = "--unpinned", description = "Leave native threads as they are, without a PlainSession.")
    private boolean unpinned;

    Processes() {}

    /**
     * Starts the server's end.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Processes(), args));
    }

    @Override
    public Integer call() throws Exception {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> DigitNetwork.create(SEED));
        Map<ClientId, FarClient> far = new LinkedHashMap<>();
        try (InProcessRunner runner = InProcessRunner.of(clients)) {
            for (ClientId id : ClientId.numbered("writer-", clients)) {
                far.put(id, FarClient.start(id, unpinned));
            }
            try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                    .clients(ClientProvider.of(List.copyOf(far.keySet()), id -> clientOf(far, id)))
                    .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                    .runner(runner)
                    .build()) {
                ServerState first = server.run(ServerState.initial(models.initialWeights(), SEED), 1)
                        .state();
                long start = System.nanoTime();
                server.run(first, rounds);
                System.out.printf(
                        Locale.ROOT,
                        "%s, %d processes: %d rounds in %.1f s%n",
                        unpinned ? "unpinned" : "pinned",
                        clients,
                        rounds,
                        (System.nanoTime() - start) / 1e9);
            }
        } finally {
            far.values().forEach(client -> client.process().destroyForcibly());
        }
        return 0;
    }

    private static Client clientOf(Map<ClientId, FarClient> far, ClientId id) {
        FarClient client = far.get(id);
        if (client == null) {
            throw new IllegalArgumentException("there is no client '" + id + "'");
        }
        return client;
    }

    /** A client as the server has it: messages out, messages back. */
    private record FarClient(ClientId id, Process process, DataOutputStream to, DataInputStream from)
            implements Client {

        static FarClient start(ClientId id, boolean unpinned) throws IOException {
            Process process = JavaProcess.of(FarEnd.class, id.value(), String.valueOf(unpinned))
                    .start();
            return new FarClient(
                    id,
                    process,
                    new DataOutputStream(process.getOutputStream()),
                    new DataInputStream(process.getInputStream()));
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws IOException {
            return ClientUpdate.fromBytes(call(task.toBytes()));
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws IOException {
            return Evaluation.fromBytes(call(task.toBytes()));
        }

        private byte[] call(byte[] message) throws IOException {
            to.writeInt(message.length);
            to.write(message);
            to.flush();
            return from.readNBytes(from.readInt());
        }
    }

    /** The other end, where the data are. Standard output is the transport's. */
    static final class FarEnd {

        private FarEnd() {}

        /**
         * Answers until it is ended.
         *
         * @param args the client's id; whether to leave native threads as they are
         * @throws Exception if it cannot go on
         */
        public static void main(String[] args) throws Exception {
            DataInputStream in = new DataInputStream(System.in);
            DataOutputStream out = new DataOutputStream(System.out);
            System.setOut(System.err);
            int writer = Integer.parseInt(args[0].substring("writer-".length()));
            LocalClient<?> client = LocalClient.of(
                    new ClientId(args[0]),
                    StrokeDigits.of(SEED).writer(writer, 200),
                    ModelPool.of(() -> DigitNetwork.create(SEED)));
            PlainSession session = PlainSession.of(client);
            while (true) {
                byte[] task = in.readNBytes(in.readInt());
                byte[] answer = Boolean.parseBoolean(args[1])
                        ? client.train(TrainingTask.fromBytes(task)).toBytes()
                        : session.answer(task);
                out.writeInt(answer.length);
                out.write(answer);
                out.flush();
            }
        }
    }
}
