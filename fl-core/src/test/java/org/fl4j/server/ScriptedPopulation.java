package org.fl4j.server;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;

/** Clients {@code client-0}, {@code client-1}, ... that do what a test says. */
public final class ScriptedPopulation implements ClientProvider {

    /** A client's local training. */
    @FunctionalInterface
    public interface Training {
        ClientUpdate train(ClientId self, TrainingTask task) throws Exception;
    }

    /** A client's evaluation. */
    @FunctionalInterface
    interface Judgement {
        Evaluation evaluate(ClientId self, EvaluationTask task) throws Exception;
    }

    private final List<ClientId> ids;
    private final Training usual;
    private final Map<ClientId, Training> odd = new HashMap<>();
    private Judgement judgement = (self, task) -> {
        throw new UnsupportedOperationException("no evaluation");
    };

    private ScriptedPopulation(List<ClientId> ids, Training usual) {
        this.ids = ids;
        this.usual = usual;
    }

    public static ScriptedPopulation of(int clients, Training usual) {
        return new ScriptedPopulation(ClientId.numbered("client-", clients), usual);
    }

    public ScriptedPopulation but(int client, Training training) {
        odd.put(ids.get(client), training);
        return this;
    }

    ScriptedPopulation judgedBy(Judgement how) {
        judgement = how;
        return this;
    }

    @Override
    public List<ClientId> ids() {
        return ids;
    }

    @Override
    public Client client(ClientId id) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws Exception {
                return odd.getOrDefault(id, usual).train(id, task);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) throws Exception {
                return judgement.evaluate(id, task);
            }
        };
    }
}
