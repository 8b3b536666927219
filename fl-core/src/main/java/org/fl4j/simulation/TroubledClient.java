package org.fl4j.simulation;

import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.random.DeterministicRandom;

/** A client whose training is troubled. */
record TroubledClient(Trouble trouble, Client client, ClientProvider among) implements Client {

    @Override
    public ClientId id() {
        return client.id();
    }

    @Override
    public ClientUpdate train(TrainingTask task) throws Exception {
        DeterministicRandom random = trouble.randomOf(id(), task);
        Optional<Trouble.Fault> fault = trouble.faultOf(id(), random);
        return fault.isPresent()
                ? fault.get().train(new Trouble.Call(client, task, among, random))
                : client.train(task);
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) throws Exception {
        return client.evaluate(task);
    }

    @Override
    public Optional<String> objection(TrainingTask task) {
        return client.objection(task);
    }
}
