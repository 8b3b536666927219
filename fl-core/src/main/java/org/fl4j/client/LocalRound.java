package org.fl4j.client;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.compression.Uplink;
import org.fl4j.model.ExampleGradientModel;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.PersonalModel;
import org.fl4j.random.Seeds;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * One round at one client, read from top to bottom: what it remembers is read, its LOCAL parameters are loaded with the global
 * weights, the model is trained for the others and perhaps one for itself, and what it is to remember is staged.
 *
 * @param <D> the type of its data
 */
final class LocalRound<D> {

    static final String WEIGHTS = "weights";

    private final ClientId id;
    private final D data;
    private final LocalObjectives objectives;
    private final Model<D> model;
    private final TrainingTask task;
    private final Optional<ExampleTrainer> trainer;
    private final Optional<PersonalModel<D>> keeping;

    /** @param trainer trains in place of the model's own training */
    LocalRound(
            ClientId id,
            D data,
            LocalObjectives objectives,
            Model<D> model,
            TrainingTask task,
            Optional<ExampleTrainer> trainer) {
        this.id = id;
        this.data = data;
        this.objectives = objectives;
        this.model = model;
        this.task = task;
        this.trainer = trainer;
        this.keeping = keeping(model);
    }

    /** A model with LOCAL parameters. */
    static <D> Optional<PersonalModel<D>> keeping(Model<D> model) {
        return model instanceof PersonalModel<D> personal
                        && personal.localLayout().isPresent()
                ? Optional.of(personal)
                : Optional.empty();
    }

    /** Why this kind of model, or a client without memory, cannot do a task. */
    static Optional<String> objection(LocalObjectives objectives, Model<?> model, TrainingTask task) {
        PersonalTraining personal = task.personal();
        boolean isPlain = task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK) && !personal.remembers();
        if (!isPlain && !(model instanceof GradientModel)) {
            return Optional.of(
                    "the task asks for " + (personal.remembers() ? personal : task.objective())
                            + ", which needs a GradientModel, but "
                            + model.getClass().getName()
                            + " is a plain Model; implement GradientModel, or use a rule whose clients minimise empirical risk");
        }
        Optional<String> codec = objection(task.uplink());
        if (codec.isPresent()) {
            return codec;
        }
        boolean keeps = keeping(model).isPresent();
        if (personal.method() == PersonalTraining.Method.ALTERNATING && !keeps) {
            return Optional.of(
                    "the task asks for " + personal + ", which trains LOCAL parameters first, but the model has none;"
                            + " say which with keeping(names)");
        }
        if (personal.method() == PersonalTraining.Method.DITTO && keeps) {
            return Optional.of("the task asks for " + personal
                    + ", where a client has a whole model of its own, but the model keeps LOCAL parameters, too; leave out one of"
                    + " them");
        }
        boolean holds = task.delivery().held() != Delivery.Held.NOTHING;
        if ((keeps || task.remembers() || holds) && !objectives.haveMemory()) {
            return Optional.of((keeps
                            ? "the model keeps LOCAL parameters"
                            : task.remembers()
                                    ? "the task asks for " + (personal.remembers() ? personal : task.uplink())
                                    : "the server sends each client what it does not hold yet")
                    + ", but this client has no store to remember in; " + LocalObjectives.HINT);
        }
        return Optional.empty();
    }

    /** Why a model cannot train by gradients of single examples. */
    static Optional<String> objectionToExamples(Model<?> model, TrainingTask task) {
        if (!task.personal().equals(PersonalTraining.JOINT)) {
            return Optional.of("the task asks for " + task.personal()
                    + ", which trains by other gradients than those of single examples");
        }
        return model instanceof ExampleGradientModel
                ? Optional.empty()
                : Optional.of("training by gradients of single examples needs an ExampleGradientModel, but "
                        + model.getClass().getName() + " is none; use a Dl4jModel or a DenseModel, or implement it");
    }

    /** Why this library cannot encode for an uplink. */
    private static Optional<String> objection(Uplink uplink) {
        try {
            Codec codec = Codec.of(uplink.codec());
            return uplink.errorFeedback() && codec.isUnbiased()
                    ? Optional.of("the task asks for error feedback to the unbiased " + uplink.codec())
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("the task asks for the uplink " + uplink + ": " + e.getMessage());
        }
    }

    ClientUpdate train() {
        Optional<LocalObjective> objective = task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)
                ? Optional.empty()
                : Optional.of(objectives.get(id, task));
        objection(objectives, model, task)
                .or(() -> trainer.flatMap(by -> objectionToExamples(model, task)))
                .ifPresent(why -> {
                    throw new ObjectiveSpec.UnknownException("client '" + id + "', round " + task.round() + ": " + why);
                });
        Optional<ClientMemory> memory = keeping.isPresent()
                        || task.remembers()
                        || task.delivery().held() != Delivery.Held.NOTHING
                        || objective.filter(LocalObjective::remembers).isPresent()
                ? Optional.of(
                        objectives.memory(id, task.round(), task.delivery().accepted()))
                : Optional.empty();
        objectives.own().ifPresent(own -> requireFrozen(own, model, task.global(), id, task.round()));
        load(memory);
        ClientUpdate update =
                encoded(objective.isPresent() ? trainWith(objective.get(), memory) : trainPlainly(), memory);
        memory.ifPresent(kept -> {
            if (task.delivery().held() != Delivery.Held.NOTHING) {
                kept.keep(ClientMemory.ACCEPTED, Delivery.Accepted.of(task).state());
            }
            keeping.ifPresent(
                    personal -> kept.keep(ClientMemory.LOCAL, state(finite("LOCAL parameters", personal.local()))));
            if (task.personal().method() == PersonalTraining.Method.DITTO) {
                kept.keep(ClientMemory.OWN_MODEL, state(finite("own model", ownModel(kept))));
            }
            kept.stage(task);
        });
        return update;
    }

    /** A model elsewhere is given the FROZEN parameters that the server sent, unless it has them. */
    static void requireFrozen(RemoteMemory own, Model<?> model, ModelWeights global, ClientId id, int round) {
        String digest = global.layout().frozen();
        if (digest.isEmpty()
                || !(model instanceof PersonalModel<?> personal)
                || personal.layout().frozen().equals(digest)) {
            return;
        }
        personal.loadFrozen(own.frozen(digest)
                .orElseThrow(() -> new IllegalStateException("client '" + id + "', round " + round
                        + ": the task is for a model whose FROZEN parameters have the digest " + digest
                        + ", but this one's are others and the server sent none; build it with the server's, or give"
                        + " them to the server's builder by frozen(...)")));
    }

    /** Error feedback, then the codec; an update that is not finite is for the server to reject. */
    private ClientUpdate encoded(ClientUpdate update, Optional<ClientMemory> memory) {
        if (task.uplink().isNone() || !update.delta().isFinite()) {
            return update;
        }
        ModelDelta wanted = memory.filter(kept -> task.uplink().errorFeedback())
                .map(kept -> kept.read(ClientMemory.RESIDUAL))
                .filter(residual -> !residual.isEmpty())
                .map(residual -> update.delta()
                        .plus(ModelDelta.from(residual, WEIGHTS, update.delta().layout())))
                .orElse(update.delta());
        CompressedDelta sent =
                CompressedDelta.of(Codec.of(task.uplink().codec()), wanted, Seeds.derive(task.seed(), "uplink"));
        if (task.uplink().errorFeedback()) {
            ModelDelta lost = wanted.minus(sent.decoded());
            memory.orElseThrow().keep(ClientMemory.RESIDUAL, lost.putInto(ComponentState.of(WEIGHTS, 1), WEIGHTS));
        }
        return update.encodedAs(sent);
    }

    private void load(Optional<ClientMemory> memory) {
        if (keeping.isPresent() && memory.isPresent()) {
            keeping.get().load(task.global(), local(keeping.get(), memory.get()));
        } else {
            model.load(task.global());
        }
    }

    /** What a client has kept; the initial LOCAL parameters if it has none yet. */
    static ModelWeights local(PersonalModel<?> model, ClientMemory memory) {
        ComponentState kept = memory.read(ClientMemory.LOCAL);
        return kept.isEmpty()
                ? model.initialLocal()
                : ModelWeights.from(kept, WEIGHTS, model.localLayout().orElseThrow());
    }

    /** A client's own model; the global weights if it has none yet. */
    static ModelWeights own(ModelWeights global, ClientMemory memory) {
        ComponentState kept = memory.read(ClientMemory.OWN_MODEL);
        return kept.isEmpty() ? global : ModelWeights.from(kept, WEIGHTS, global.layout());
    }

    private ClientUpdate trainPlainly() {
        LocalTraining.Report report = trainShared(GradientCorrection.none());
        return update(model.displacementFrom(task.global()), report, LocalObjective.Extras.NONE);
    }

    private ClientUpdate trainWith(LocalObjective objective, Optional<ClientMemory> memory) {
        ComponentState remembered = memory.filter(kept -> objective.remembers())
                .map(kept -> kept.read(ClientMemory.OBJECTIVE))
                .orElse(ComponentState.EMPTY);
        LocalObjective.Context context = new LocalObjective.Context(id, task, remembered, this::globalLoss);
        LocalObjective.Session session = objective.begin(context);
        GradientCorrection correction = session.correction();
        context.trainingBegins();
        LocalTraining.Report report = trainShared(correction);
        ModelDelta delta = model.displacementFrom(task.global());
        LocalObjective.Extras extras = session.finish(report, delta);
        if (!objective.remembers() && !extras.remember().isEmpty()) {
            throw new IllegalStateException("the objective '" + objective.name()
                    + "' has something to remember, but its remembers() is false; override it");
        }
        memory.ifPresent(kept -> kept.keep(ClientMemory.OBJECTIVE, extras.remember()));
        return update(delta, report, extras);
    }

    private double globalLoss() {
        if (trainer.isPresent()) {
            throw new IllegalStateException(
                    "client '" + id + "', round " + task.round() + ": the objective " + task.objective()
                            + " asks for the loss of the global weights, which depends on single examples without bound");
        }
        return model.evaluate(data).loss();
    }

    private LocalTraining.Report trainByExamples(ExampleTrainer by, GradientCorrection correction) {
        ExampleGradients gradients =
                ((ExampleGradientModel<D>) model).beginExamples(data, task.localTraining(), correction, task.seed());
        LocalTraining.Report report = by.train(id, task, gradients);
        gradients.end();
        return report;
    }

    /** What travels is trained, and LOCAL parameters with it or before it. */
    private LocalTraining.Report trainShared(GradientCorrection correction) {
        if (trainer.isPresent()) {
            return trainByExamples(trainer.get(), correction);
        }
        LocalTraining how = task.localTraining();
        if (task.personal().method() == PersonalTraining.Method.ALTERNATING) {
            PersonalModel<D> personal = keeping.orElseThrow();
            personal.trainLocal(data, how.forEpochs(task.personal().epochs()), Seeds.derive(task.seed(), "local"));
            return personal.trainShared(data, how, correction, task.seed());
        }
        return correction.isNone()
                ? model.train(data, how, task.seed())
                : ((GradientModel<D>) model).train(data, how, correction, task.seed());
    }

    /** After the update has been taken from the model: it is trained once more, from the client's own weights. */
    private ModelWeights ownModel(ClientMemory memory) {
        model.load(own(task.global(), memory));
        ((GradientModel<D>) model)
                .train(
                        data,
                        task.localTraining(),
                        GradientCorrection.towards(
                                task.global(), task.personal().pull()),
                        Seeds.derive(task.seed(), "own-model"));
        return model.weights();
    }

    private ModelWeights finite(String what, ModelWeights weights) {
        if (!weights.isFinite()) {
            throw new IllegalStateException("client '" + id + "', round " + task.round() + ": its " + what
                    + " became NaN or infinite; did local training diverge at learning rate "
                    + task.localTraining().learningRate() + "?");
        }
        return weights;
    }

    static ComponentState state(ModelWeights weights) {
        return weights.putInto(ComponentState.of(WEIGHTS, 1), WEIGHTS);
    }

    private ClientUpdate update(ModelDelta delta, LocalTraining.Report report, LocalObjective.Extras extras) {
        Map<String, Double> scalars = new HashMap<>();
        if (report.stepSizeSum().isPresent() || report.steps() == 0) {
            scalars.put(ClientUpdate.STEPS, (double) report.steps());
        }
        scalars.putAll(extras.scalars());
        if (report.steps() > 0) {
            scalars.put(ClientUpdate.LOSS, report.loss());
        }
        return new ClientUpdate(
                id, task.round(), task.token(), delta, report.examples(), extras.vectors(), scalars, task.objective());
    }
}
