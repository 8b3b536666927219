package org.fl4j.client;

import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.fl4j.ClientId;
import org.fl4j.model.LocalTraining;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/**
 * The client's side of an objective that adds something to the plain loss: a proximal term, a control variate. The
 * server names an objective in the task as data ({@link ObjectiveSpec}); the client looks its behaviour up by that name.
 * Clients in the server's JVM know the objective of the server's rule ({@code Aggregator.localObjective}) and those of
 * {@link ClientProvider#withObjective}; a client elsewhere knows those of {@link LocalClient#withObjectives}.
 *
 * <p>One round: {@link #begin} with the task and what this client remembers, the {@link Session#correction} is added to
 * every mini-batch gradient, {@link Session#finish} sees what training did and says what to send and what to remember.
 *
 * <p>Thread-safe; a session belongs to one thread.
 */
public interface LocalObjective {

    /**
     * The name that tasks call it by.
     *
     * @return {@link ObjectiveSpec#name()}
     */
    String name();

    /**
     * Whether clients remember anything from round to round: then the server keeps their {@link
     * ClientProvider#clientStates} in step with its rounds.
     *
     * @return false unless overridden; must be true if {@link Extras#remember} is ever anything but empty
     */
    default boolean remembers() {
        return false;
    }

    /**
     * Why asynchronous rounds cannot have this objective, in which updates of tasks from different rounds are combined.
     *
     * @return empty if they can; unless overridden, of an objective that remembers, that what clients remember is kept in step
     *     with rounds
     */
    default Optional<String> needsSynchronousCohort() {
        return remembers()
                ? Optional.of("its clients remember, in step with rounds that end for all of a cohort at once")
                : Optional.empty();
    }

    /**
     * Starts one client's local training of one round.
     *
     * @param context the task, its objective's name being {@link #name()}, and what the client remembers
     * @return the session
     * @throws IllegalArgumentException if the task's parameters or vectors are not what the objective needs
     */
    Session begin(Context context);

    /** One client's local training of one round. */
    interface Session {

        /**
         * What to add to every mini-batch gradient.
         *
         * @return the correction, fixed for the round
         */
        GradientCorrection correction();

        /**
         * Ends the session.
         *
         * @param report how many steps were taken, and their sizes
         * @param delta local - global weights after them
         * @return what to send beside the delta, and what to remember
         * @throws IllegalStateException if the model's training was not of the kind that the objective rests on, such as
         *     plain SGD; the client fails then, so that it never sends a wrong update
         */
        Extras finish(LocalTraining.Report report, ModelDelta delta);
    }

    /**
     * What an objective adds to an update.
     *
     * @param vectors sent beside the delta
     * @param scalars sent beside the delta; {@link ClientUpdate#STEPS} where the correction changes what a step counts
     * @param remember for this client's next round; staged, and kept only if the round is committed with this update
     */
    record Extras(Map<String, ModelDelta> vectors, Map<String, Double> scalars, ComponentState remember) {

        /** Nothing to send, nothing to remember. */
        public static final Extras NONE = new Extras(Map.of(), Map.of(), ComponentState.EMPTY);

        /** Copies the maps. */
        public Extras {
            vectors = Map.copyOf(vectors);
            scalars = Map.copyOf(scalars);
        }
    }

    /**
     * What a {@link LocalObjective} can know when a client's local training of one round begins.
     *
     * <p>Belongs to one thread.
     */
    final class Context {

        private final ClientId client;
        private final TrainingTask task;
        private final ComponentState remembered;
        private final DoubleSupplier globalLoss;

        private boolean trained;

        Context(ClientId client, TrainingTask task, ComponentState remembered, DoubleSupplier globalLoss) {
            this.client = client;
            this.task = task;
            this.remembered = remembered;
            this.globalLoss = globalLoss;
        }

        /**
         * The task.
         *
         * @return as the server sent it
         */
        public TrainingTask task() {
            return task;
        }

        /**
         * What this client's last committed round left.
         *
         * @return {@link ComponentState#EMPTY} at first
         */
        public ComponentState remembered() {
            return remembered;
        }

        /**
         * The mean loss of the global weights over the client's data: one more pass over them, for objectives that ask. To be
         * called before training, in {@link LocalObjective#begin}.
         *
         * @return the loss before training, as {@code Model.evaluate} takes it
         * @throws IllegalStateException if the model has been trained and holds the global weights no more
         */
        public double globalLoss() {
            if (trained) {
                throw new IllegalStateException("client '" + client + "', round " + task.round()
                        + ": globalLoss was called after local training, when the model no longer holds the global weights;"
                        + " call it in begin");
            }
            return globalLoss.getAsDouble();
        }

        /** From here on the model's weights are the client's own. */
        void trainingBegins() {
            trained = true;
        }
    }
}
