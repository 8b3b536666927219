package org.fl4j.client;

import java.util.function.DoubleSupplier;
import org.fl4j.ClientId;
import org.fl4j.state.ComponentState;

/**
 * What a {@link LocalObjective} can know when a client's local training of one round begins.
 *
 * <p>Belongs to one thread.
 */
public final class ObjectiveContext {

    private final ClientId client;
    private final TrainingTask task;
    private final ComponentState remembered;
    private final DoubleSupplier globalLoss;

    private boolean trained;

    ObjectiveContext(ClientId client, TrainingTask task, ComponentState remembered, DoubleSupplier globalLoss) {
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
