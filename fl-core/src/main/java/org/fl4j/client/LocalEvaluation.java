package org.fl4j.client;

import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Model;
import org.fl4j.model.PersonalModel;
import org.fl4j.random.Seeds;
import org.fl4j.weights.ModelWeights;

/** An evaluation at one client: of the weights that are asked for, on what it holds out. It changes nothing that the client remembers. */
record LocalEvaluation<D>(ClientId id, D data, D heldOut, LocalObjectives objectives, Model<D> model) {

    Evaluation of(EvaluationTask task) {
        Optional<PersonalModel<D>> keeping = LocalRound.keeping(model);
        boolean reads = keeping.isPresent() || task.of().own();
        if (reads && !objectives.haveMemory()) {
            throw new ObjectiveSpec.UnknownException("client '" + id + "', after round " + task.round()
                    + ": an evaluation of what a client has for itself needs a store to remember in, but this client has none;"
                    + " use Population.over or ClientProvider.local, the same as for training");
        }
        if (keeping.isPresent()) {
            ClientMemory memory = ClientMemory.of(id, objectives.memory());
            keeping.get().load(task.global(), LocalRound.local(keeping.get(), memory));
        } else {
            ModelWeights weights = task.of().own()
                    ? LocalRound.own(task.global(), ClientMemory.of(id, objectives.memory()))
                    : task.global();
            model.load(weights);
        }
        task.of().fineTuning().ifPresent(how -> model.train(
                data, how, Seeds.derive(task.of().seed(), task.round(), id.value(), "fine-tuning")));
        return model.evaluate(heldOut);
    }
}
