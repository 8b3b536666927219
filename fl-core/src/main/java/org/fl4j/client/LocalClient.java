package org.fl4j.client;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTrainingReport;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/**
 * A client in this JVM: its id, its data, and a pool to borrow a model from. Training loads the global weights, trains,
 * and returns the displacement; nothing else of the data leaves but their number and the mean training loss.
 *
 * <p>Over a {@link GradientModel} it can honour objectives that correct gradients; over a plain {@link Model} only
 * empirical risk, and a task that asks for more is refused with {@link UnknownObjectiveException}.
 *
 * @param <D> the type of its data
 */
public final class LocalClient<D> implements Client {

    private final ClientId id;
    private final D data;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;
    private final Trainer trainer;

    private LocalClient(
            ClientId id, D data, ModelPool<? extends Model<D>> models, LocalObjectives objectives, Trainer trainer) {
        this.id = id;
        this.data = data;
        this.models = models;
        this.objectives = objectives;
        this.trainer = trainer;
    }

    /**
     * A client that minimises empirical risk.
     *
     * @param <D> the type of its data
     * @param id who
     * @param data its data, never empty: a client without examples is rejected by the server
     * @param models where to borrow a model
     * @return the client
     */
    public static <D> LocalClient<D> of(ClientId id, D data, ModelPool<? extends Model<D>> models) {
        LocalObjectives none = LocalObjectives.of();
        return new LocalClient<>(
                id,
                data,
                models,
                none,
                task -> models.with(model -> {
                    if (!task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)) {
                        none.get(id, task);
                    }
                    model.load(task.global());
                    LocalTrainingReport report = model.train(data, task.localTraining(), task.seed());
                    return update(id, task, model.displacementFrom(task.global()), report, LocalObjective.Extras.NONE);
                }));
    }

    /**
     * A client that also honours other objectives.
     *
     * @param <D> the type of its data
     * @param id who
     * @param data its data
     * @param models where to borrow a model
     * @param objectives what it can honour
     * @return the client
     */
    public static <D> LocalClient<D> withObjectives(
            ClientId id, D data, ModelPool<? extends GradientModel<D>> models, LocalObjectives objectives) {
        LocalClient<D> plain = of(id, data, models);
        return new LocalClient<>(
                id,
                data,
                models,
                objectives,
                task -> task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)
                        ? plain.train(task)
                        : models.with(model -> trainWith(model, id, data, objectives, task)));
    }

    @Override
    public ClientId id() {
        return id;
    }

    @Override
    public ClientUpdate train(TrainingTask task) {
        return trainer.train(task);
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        return models.with(model -> {
            model.load(task.global());
            return model.evaluate(data);
        });
    }

    /** Of the objectives it knows and its model's layout; its data are not looked at. */
    @Override
    public Optional<String> objection(TrainingTask task) {
        return objectives
                .objection(task)
                .or(
                        () -> models.with(model -> model.layout()
                                        .differenceFrom(task.global().layout()))
                                .map(
                                        difference -> difference
                                                + "; was the state made from a model of the same configuration, and is a checkpoint of this run?"));
    }

    private static <D> ClientUpdate trainWith(
            GradientModel<D> model, ClientId id, D data, LocalObjectives objectives, TrainingTask task) {
        LocalObjective objective = objectives.get(id, task);
        model.load(task.global());
        ComponentState remembered = objectives.remembered(id);
        ObjectiveContext context = new ObjectiveContext(
                id, task, remembered, () -> model.evaluate(data).loss());
        LocalObjective.Session session = objective.begin(context);
        GradientCorrection correction = session.correction();
        context.trainingBegins();
        LocalTrainingReport report = model.train(data, task.localTraining(), correction, task.seed());
        ModelDelta delta = model.displacementFrom(task.global());
        LocalObjective.Extras extras = session.finish(report, delta);
        if (!remembered.isEmpty() || !extras.remember().isEmpty()) {
            objectives.remember(id, task, extras.remember());
        }
        return update(id, task, delta, report, extras);
    }

    private static ClientUpdate update(
            ClientId id,
            TrainingTask task,
            ModelDelta delta,
            LocalTrainingReport report,
            LocalObjective.Extras extras) {
        Map<String, Double> scalars = new HashMap<>();
        if (report.stepSizeSum().isPresent() || report.steps() == 0) {
            scalars.put(ClientUpdate.STEPS, (double) report.steps());
        }
        scalars.putAll(extras.scalars());
        if (report.steps() > 0) {
            scalars.put(ClientUpdate.LOSS, report.loss());
        }
        return new ClientUpdate(
                id, task.round(), delta, report.examples(), extras.vectors(), scalars, task.objective());
    }

    private interface Trainer {
        ClientUpdate train(TrainingTask task);
    }
}
