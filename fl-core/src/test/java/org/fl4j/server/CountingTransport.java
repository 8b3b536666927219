package org.fl4j.server;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.server.report.Traffic;

/** Encodes every message to and from a client, and counts the bytes by the calls that a client had. */
final class CountingTransport {

    private final List<String> stages;
    private final Map<String, Traffic.Bytes> counted = new LinkedHashMap<>();
    private final Map<ClientId, Integer> calls = new HashMap<>();

    /** Of a protocol in which a client that is asked at all is asked in each stage until it is lost. */
    CountingTransport(String... stages) {
        this.stages = List.of(stages);
        this.stages.forEach(stage -> counted.put(stage, Traffic.Bytes.NONE));
    }

    synchronized Traffic counted() {
        return new Traffic.Total(counted);
    }

    private synchronized void count(String stage, long down, long up) {
        counted.merge(stage, new Traffic.Bytes(down, up), Traffic.Bytes::plus);
    }

    private synchronized int call(ClientId client) {
        return calls.merge(client, 1, Integer::sum);
    }

    ClientProvider around(ClientProvider clients) {
        return clients.decorated(
                client -> client instanceof MaskingClient masking ? new Masking(masking) : new Plain(client));
    }

    private final class Plain implements Client {

        private final Client client;
        private final PlainSession session;

        Plain(Client client) {
            this.client = client;
            this.session = PlainSession.of(client);
        }

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            byte[] message = task.toBytes();
            count(Traffic.TRAINING, message.length, 0);
            byte[] answer = session.answer(message);
            count(Traffic.TRAINING, 0, answer.length);
            return ClientUpdate.fromBytes(answer);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    private final class Masking implements MaskingClient {

        private final MaskingClient client;

        Masking(MaskingClient client) {
            this.client = client;
        }

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public byte[] answer(TrainingTask task, byte[] message) throws Exception {
            int call = call(id());
            if (call == 1) {
                count(Traffic.TASK, task.toBytes().length, 0);
            }
            count(stages.get(call), message.length, 0);
            byte[] answer = client.answer(task, message);
            count(stages.get(call), 0, answer.length);
            return answer;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }
}
