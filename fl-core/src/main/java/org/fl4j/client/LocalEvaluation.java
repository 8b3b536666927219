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
                    + ": an evaluation of what a client has for itself needs the store that it remembers in, but this client has"
                    + " none; " + LocalObjectives.HINT);
        }
        objectives.own().ifPresent(own -> LocalRound.requireFrozen(own, model, task.global(), id, task.round()));
        if (keeping.isPresent()) {
            ClientMemory memory =
                    objectives.memory(id, task.round(), task.delivery().accepted());
            keeping.get().load(task.global(), LocalRound.local(keeping.get(), memory));
        } else {
            ModelWeights weights = task.of().own()
                    ? LocalRound.own(
                            task.global(),
                            objectives.memory(id, task.round(), task.delivery().accepted()))
                    : task.global();
            model.load(weights);
        }
        task.of()
                .fineTuning()
                .ifPresent(how -> model.train(
                        data, how, Seeds.derive(task.of().seed(), task.round(), id.value(), "fine-tuning")));
        return model.evaluate(heldOut, task.statistics());
    }
}
