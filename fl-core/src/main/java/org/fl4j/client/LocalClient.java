package org.fl4j.client;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/**
 * A client in this JVM: its id, its data, and a pool to borrow a model from. Training loads the global weights, trains,
 * and returns the displacement; nothing else of the data leaves but their number and the mean training loss. Many of them
 * for a server are {@link ClientProvider#local}.
 *
 * <p>Over a {@link GradientModel} it trains with the objectives that it knows; over a plain {@link Model} only with empirical
 * risk. Any other task is an {@link ObjectiveSpec.UnknownException}.
 *
 * @param <D> the type of its data
 */
public final class LocalClient<D> implements Client {

    private final ClientId id;
    private final D data;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;

    LocalClient(ClientId id, D data, ModelPool<? extends Model<D>> models, LocalObjectives objectives) {
        this.id = id;
        this.data = data;
        this.models = models;
        this.objectives = objectives;
    }

    /**
     * A client that minimises empirical risk.
     *
     * @param <D> the type of its data
     * @param data never empty: a client without examples is rejected by the server
     * @param models where to borrow a model
     */
    public static <D> LocalClient<D> of(ClientId id, D data, ModelPool<? extends Model<D>> models) {
        return new LocalClient<>(id, data, models, LocalObjectives.NONE);
    }

    /**
     * Returns a copy that knows these objectives as well, for a client in another JVM than the server, which the server's
     * rule cannot give its objective. A task for one that {@linkplain LocalObjective#remembers remembers} is rejected there.
     *
     * @param more replace those of the same name
     */
    public LocalClient<D> withObjectives(Collection<? extends LocalObjective> more) {
        LocalObjectives all = objectives;
        for (LocalObjective objective : more) {
            all = all.with(objective);
        }
        return new LocalClient<>(id, data, models, all);
    }

    @Override
    public ClientId id() {
        return id;
    }

    @Override
    public ClientUpdate train(TrainingTask task) {
        if (!task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK)) {
            LocalObjective objective = objectives.get(id, task);
            return models.with(model -> trainWith(gradientModel(model, task), objective, task));
        }
        return models.with(model -> {
            model.load(task.global());
            LocalTraining.Report report = model.train(data, task.localTraining(), task.seed());
            return update(task, model.displacementFrom(task.global()), report, LocalObjective.Extras.NONE);
        });
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        return models.with(model -> {
            model.load(task.global());
            return model.evaluate(data);
        });
    }

    /** Of the objectives it knows, its kind of model and the layout; its data are not looked at. */
    @Override
    public Optional<String> objection(TrainingTask task) {
        return objectives.objection(task.objective()).or(() -> models.with(model -> objection(model, task)));
    }

    private Optional<String> objection(Model<D> model, TrainingTask task) {
        if (!task.objective().equals(ObjectiveSpec.EMPIRICAL_RISK) && !(model instanceof GradientModel<D>)) {
            return Optional.of(noGradientModel(model, task));
        }
        return model.layout()
                .differenceFrom(task.global().layout())
                .map(
                        difference -> difference
                                + "; was the state made from a model of the same configuration, and is a checkpoint of this run?");
    }

    private GradientModel<D> gradientModel(Model<D> model, TrainingTask task) {
        if (model instanceof GradientModel<D> corrected) {
            return corrected;
        }
        throw new ObjectiveSpec.UnknownException(
                "client '" + id + "', round " + task.round() + ": " + noGradientModel(model, task));
    }

    private static String noGradientModel(Model<?> model, TrainingTask task) {
        return "the task asks for " + task.objective() + ", which needs a GradientModel, but "
                + model.getClass().getName() + " is a plain Model; implement GradientModel, or use a rule whose clients"
                + " minimise empirical risk";
    }

    private ClientUpdate trainWith(GradientModel<D> model, LocalObjective objective, TrainingTask task) {
        model.load(task.global());
        ComponentState remembered = objectives.remembered(id, objective);
        LocalObjective.Context context = new LocalObjective.Context(
                id, task, remembered, () -> model.evaluate(data).loss());
        LocalObjective.Session session = objective.begin(context);
        GradientCorrection correction = session.correction();
        context.trainingBegins();
        LocalTraining.Report report = model.train(data, task.localTraining(), correction, task.seed());
        ModelDelta delta = model.displacementFrom(task.global());
        LocalObjective.Extras extras = session.finish(report, delta);
        if (!remembered.isEmpty() || !extras.remember().isEmpty()) {
            objectives.remember(id, task, objective, extras.remember());
        }
        return update(task, delta, report, extras);
    }

    private ClientUpdate update(
            TrainingTask task, ModelDelta delta, LocalTraining.Report report, LocalObjective.Extras extras) {
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
