package org.fl4j.client;

import java.util.Collection;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.model.Evaluation;
import org.fl4j.model.ExampleGradientModel;
import org.fl4j.model.GradientModel;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;

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
    private final D heldOut;
    private final ModelPool<? extends Model<D>> models;
    private final LocalObjectives objectives;
    private final Optional<ExampleTrainer> trainer;

    /** @param heldOut what it evaluates on */
    LocalClient(ClientId id, D data, D heldOut, ModelPool<? extends Model<D>> models, LocalObjectives objectives) {
        this(id, data, heldOut, models, objectives, Optional.empty());
    }

    private LocalClient(
            ClientId id,
            D data,
            D heldOut,
            ModelPool<? extends Model<D>> models,
            LocalObjectives objectives,
            Optional<ExampleTrainer> trainer) {
        this.id = id;
        this.data = data;
        this.heldOut = heldOut;
        this.models = models;
        this.objectives = objectives;
        this.trainer = trainer;
    }

    /**
     * A client that minimises empirical risk.
     *
     * @param <D> the type of its data
     * @param data never empty: a client without examples is rejected by the server; it evaluates on them, too
     * @param models where to borrow a model
     */
    public static <D> LocalClient<D> of(ClientId id, D data, ModelPool<? extends Model<D>> models) {
        return new LocalClient<>(id, data, data, models, LocalObjectives.NONE);
    }

    /**
     * Returns a copy that knows these objectives as well, for a client in another JVM than the server, which the server's
     * rule cannot give its objective. One that {@linkplain LocalObjective#remembers remembers} needs a {@linkplain #rememberingIn memory} there.
     *
     * @param more replace those of the same name
     */
    public LocalClient<D> withObjectives(Collection<? extends LocalObjective> more) {
        LocalObjectives all = objectives;
        for (LocalObjective objective : more) {
            all = all.with(objective);
        }
        return new LocalClient<>(id, data, heldOut, models, all, trainer);
    }

    /**
     * Returns a copy that remembers on its own side, for a client in another JVM than the server.
     *
     * @param memory may be that of several clients; the caller closes it
     */
    public LocalClient<D> rememberingIn(RemoteMemory memory) {
        return new LocalClient<>(id, data, heldOut, models, objectives.rememberingIn(memory), trainer);
    }

    /**
     * Returns a copy that evaluates on other data than it trains on.
     *
     * @param other what it evaluates on
     */
    public LocalClient<D> evaluatingOn(D other) {
        return new LocalClient<>(id, data, other, models, objectives, trainer);
    }

    /**
     * Returns a copy that trains by gradients of single examples, for which its models must be {@link ExampleGradientModel}s. Personal
     * training is an objection then, and an objective that asks for the loss of the global weights fails.
     *
     * @param other replaces the model's own training
     */
    public LocalClient<D> trainedBy(ExampleTrainer other) {
        return new LocalClient<>(id, data, heldOut, models, objectives, Optional.of(other));
    }

    @Override
    public ClientId id() {
        return id;
    }

    @Override
    public ClientUpdate train(TrainingTask task) {
        objectives.own().ifPresent(own -> own.begin(id, task));
        return models.with(model -> new LocalRound<>(id, data, objectives, model, task, trainer).train());
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        objectives.own().ifPresent(own -> own.take(task.delivery()));
        return models.with(model -> new LocalEvaluation<>(id, data, heldOut, objectives, model).of(task));
    }

    /** Of the objectives it knows, its kind of model and the layout; its data are not looked at. */
    @Override
    public Optional<String> objection(TrainingTask task) {
        return objectives.objection(task.objective()).or(() -> models.with(model -> objection(model, task)));
    }

    private Optional<String> objection(Model<D> model, TrainingTask task) {
        return LocalRound.objection(objectives, model, task)
                .or(() -> trainer.flatMap(other -> LocalRound.objectionToExamples(model, task)))
                .or(
                        () -> model.layout()
                                .differenceFrom(task.global().layout())
                                .map(
                                        difference -> difference
                                                + "; was the state made from a model of the same configuration, and is a checkpoint of this run?"));
    }
}
