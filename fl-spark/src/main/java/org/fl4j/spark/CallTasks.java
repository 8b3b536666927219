package org.fl4j.spark;

import org.apache.spark.broadcast.Broadcast;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;

/** Trains or evaluates one client, whose update or evaluation goes to the driver. */
final class CallTasks extends ExecutorTask {

    private static final long serialVersionUID = 1L;

    /** @param shared a training or an evaluation task, for no client in particular */
    CallTasks(String runner, Broadcast<byte[]> code, Broadcast<byte[]> shared) {
        super(runner, code, shared);
    }

    @Override
    Answer perform(Workshop shop, byte[] task) {
        CallTask call = CallTask.fromBytes(task);
        Workshop.ClientCallable work = shop.shared(shared(), CallTasks::read).of(call);
        return shop.call(call, work);
    }

    /** What all clients are asked to do, read once. */
    @FunctionalInterface
    private interface Asked {
        Workshop.ClientCallable of(CallTask call);
    }

    private static Asked read(byte[] shared) {
        if (EvaluationTask.isIn(shared)) {
            EvaluationTask task = EvaluationTask.fromBytes(shared);
            return call -> (population, client) ->
                    population.client(client).evaluate(task).toBytes();
        }
        TrainingTask ofAll = TrainingTask.fromBytes(shared);
        return call -> {
            TrainingTask task = ofAll.withSeed(call.seed());
            return (population, client) -> {
                ClientUpdate update = population.client(client).train(task);
                try {
                    return task.requireAnsweredBy(client, update).toBytes();
                } catch (UpdateRejectedException e) {
                    throw e.of(client, task.round());
                }
            };
        };
    }
}
