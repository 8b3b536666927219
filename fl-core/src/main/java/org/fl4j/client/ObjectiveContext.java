package org.fl4j.client;

import java.util.function.DoubleSupplier;
import org.fl4j.binary.ComponentState;

/**
 * What a {@link LocalObjective} can know when a client's local training of one round begins.
 *
 * <p>Belongs to one thread.
 */
public final class ObjectiveContext {

    private final TrainingTask task;
    private final ComponentState remembered;
    private final DoubleSupplier globalLoss;

    ObjectiveContext(TrainingTask task, ComponentState remembered, DoubleSupplier globalLoss) {
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
     * The mean loss of the global weights over the client's data: one more pass over them, for objectives that ask.
     *
     * @return the loss before training, as {@code Model.evaluate} takes it
     */
    public double globalLoss() {
        return globalLoss.getAsDouble();
    }
}
