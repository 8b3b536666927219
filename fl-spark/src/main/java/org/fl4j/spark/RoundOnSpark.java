package org.fl4j.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;

/**
 * How one round reaches executors.
 *
 * @param jobs where to submit
 * @param placement where tasks run
 * @param check of answers
 * @param task what executors do with a block
 * @param byClient does the work of single clients
 * @param aTask how many blocks a task has at most
 * @param window of blocks
 * @param description for whoever watches Spark
 */
record RoundOnSpark(
        SparkJobs jobs,
        Placement placement,
        AnswerCheck check,
        ExecutorTask task,
        ByClient byClient,
        int aTask,
        Window window,
        String description) {

    /** Does the work of some clients, an outcome each in order. */
    interface ByClient {
        <R> void run(
                List<ClientId> clients,
                ClientRunner.Work<R> work,
                ClientRunner.Limits limits,
                int atATime,
                Consumer<? super ClientOutcome<R>> sink);
    }

    /** Blocks that are beside each other and in one place, in one task. */
    List<List<Integer>> inTasks(List<Integer> blocks, IntFunction<List<ClientId>> clients) {
        List<List<Integer>> tasks = new ArrayList<>();
        List<ClientId> ofTask = new ArrayList<>();
        for (int block : blocks) {
            List<ClientId> more = clients.apply(block);
            ofTask.addAll(more);
            if (tasks.isEmpty() || tasks.get(tasks.size() - 1).size() == aTask || !placement.isOnePlace(ofTask)) {
                tasks.add(new ArrayList<>());
                ofTask = new ArrayList<>(more);
            }
            tasks.get(tasks.size() - 1).add(block);
        }
        return tasks;
    }

    Placement.Task task(byte[] bytes, List<ClientId> clients) {
        return new Placement.Task(Payload.of(bytes, jobs.context()), clients);
    }

    SparkJobs.Job submit(List<Placement.Task> tasks, SparkJobs.Listener listener) {
        return jobs.submit(placement.place(tasks), task, description, listener);
    }
}
