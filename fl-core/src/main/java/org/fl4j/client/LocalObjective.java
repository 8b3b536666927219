package org.fl4j.client;

import java.util.Map;
import org.fl4j.model.LocalTrainingReport;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;

/**
 * The client's side of an objective that adds something to the plain loss: a proximal term, a control variate. The
 * server names an objective in the task as data ({@link ObjectiveSpec}); the client looks its behaviour up by that name.
 * Clients in the server's JVM know the objective of the server's rule ({@code Aggregator.localObjective}) and those of
 * {@link ClientProvider#withObjective}; a client elsewhere knows those of {@link LocalClient#honouring}.
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
     * Starts one client's local training of one round.
     *
     * @param context the task, its objective's name being {@link #name()}, and what the client remembers
     * @return the session
     * @throws IllegalArgumentException if the task's parameters or vectors are not what the objective needs
     */
    Session begin(ObjectiveContext context);

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
        Extras finish(LocalTrainingReport report, ModelDelta delta);
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
}
