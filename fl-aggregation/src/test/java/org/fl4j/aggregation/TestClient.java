package org.fl4j.aggregation;

import java.util.function.BiFunction;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;

/** A client that trains as a function says and evaluates nothing. */
public record TestClient(ClientId id, BiFunction<ClientId, TrainingTask, ClientUpdate> training) implements Client {

    @Override
    public ClientUpdate train(TrainingTask task) {
        return training.apply(id, task);
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        return Evaluation.NONE;
    }
}
