package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Clients in processes of their own, each behind a {@link PlainSession}. */
@Timeout(120)
class PlainSessionProcessTest {

    private static final List<ClientId> IDS = List.copyOf(ClientId.numbered("client-", 2));
    private static final int ROUNDS = 3;

    @Test
    void clientsInOtherProcessesGiveTheSameBitsOnOneNativeThread() throws Exception {
        Run here = run(ClientProvider.of(IDS, PlainSessionProcessTest::client));
        Map<ClientId, FarClient> far = new HashMap<>();
        try {
            for (ClientId id : IDS) {
                far.put(id, FarClient.start(id));
            }
            Run there = run(ClientProvider.of(IDS, far::get));

            assertEquals(here.state(), there.state());
            assertEquals(ROUNDS, there.state().round());
            assertEquals(here.evaluations(), there.evaluations());
            assertEquals(ROUNDS, there.evaluations().size());
            assertEquals(2 * ROUNDS, there.receipts().size());
            for (ClientUpdate.Receipt receipt : there.receipts()) {
                assertEquals(1, receipt.scalars().get("openmp"));
                assertEquals(1, receipt.scalars().get("blas"));
            }
        } finally {
            for (FarClient client : far.values()) {
                client.close();
            }
        }
    }

    private static Client client(ClientId id) {
        double x = id.equals(IDS.get(0)) ? 1.0 / 3 : -7;
        return LocalClient.of(id, new double[][] {{x, 4}, {2, x}, {x, x}}, ModelPool.of(() -> new QuadraticModel(2)));
    }

    private static Run run(ClientProvider clients) {
        List<Evaluation> evaluations = new ArrayList<>();
        List<ClientUpdate.Receipt> receipts = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(clients)
                        .localTraining(LocalTraining.epochs(2).withBatchSize(2).withLearningRate(0.1))
                        .runner(runner)
                        .listeners(
                                FederatedEvaluation.every(
                                        1, clients, runner, (round, evaluation) -> evaluations.add(evaluation)),
                                receipts(receipts))
                        .build()) {
            ServerState start = ServerState.initial(QuadraticModel.weightsOf(9, 2), Toy.SEED);
            return new Run(server.run(start, ROUNDS).state(), evaluations, receipts);
        }
    }

    private static RoundListener receipts(List<ClientUpdate.Receipt> receipts) {
        return new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                assertInstanceOf(RoundResult.Advanced.class, result).report().outcomes().stream()
                        .map(outcome -> ((ClientOutcome.Completed<ClientUpdate.Receipt>) outcome).result())
                        .forEach(receipts::add);
            }
        };
    }

    private record Run(ServerState state, List<Evaluation> evaluations, List<ClientUpdate.Receipt> receipts) {}

    /** The server's end; the transport is the process's pipes. */
    private record FarClient(ClientId id, Process process, DataOutputStream to, DataInputStream from)
            implements Client {

        /** With two native threads, unless it is pinned. */
        static FarClient start(ClientId id) throws IOException {
            ProcessBuilder java = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    End.class.getName(),
                    id.value());
            java.environment().put("OMP_NUM_THREADS", "2");
            Process process =
                    java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
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

        void close() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** The far end, until it is killed. Standard output is the transport's; what else is printed goes to standard error. */
    static final class End {

        private End() {}

        public static void main(String... args) throws Exception {
            DataInputStream in = new DataInputStream(System.in);
            DataOutputStream out = new DataOutputStream(System.out);
            System.setOut(System.err);
            PlainSession session = PlainSession.of(new Telling(client(new ClientId(args[0]))));
            while (true) {
                byte[] answer = session.answer(in.readNBytes(in.readInt()));
                out.writeInt(answer.length);
                out.write(answer);
                out.flush();
            }
        }
    }

    /** Says in its update how many native threads it trained on. */
    private record Telling(Client itself) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            ClientUpdate update = itself.train(task);
            Nd4j.getBackend();
            Map<String, Double> scalars = new HashMap<>(update.scalars());
            scalars.put("openmp", (double)
                    NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
            scalars.put("blas", (double) Nd4j.factory().blas().getMaxThreads());
            return new ClientUpdate(
                    id(),
                    update.round(),
                    update.token(),
                    update.delta(),
                    update.numExamples(),
                    update.vectors(),
                    scalars,
                    update.objective());
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
