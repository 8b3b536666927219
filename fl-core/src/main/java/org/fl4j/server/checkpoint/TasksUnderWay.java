package org.fl4j.server.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.client.TaskStream;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * What is under way between two asynchronous rounds: the tasks, and the weights that they started from. A run that resumes
 * starts them again, and in virtual time they arrive as they would have.
 *
 * @param tasks in the order of their numbers, of different clients
 * @param versions the global weights by the round that sent them: those of the tasks and no others
 * @param started how many tasks the run has started: the number of the next one
 */
public record TasksUnderWay(List<TaskStream.Task> tasks, SortedMap<Integer, ModelWeights> versions, long started) {

    /** Nothing, as between synchronous rounds. */
    public static final TasksUnderWay NONE = new TasksUnderWay(List.of(), new TreeMap<>(), 0);

    /**
     * Copies the collections.
     *
     * @throws IllegalArgumentException if tasks are not in the order of their starts, or the versions are not theirs
     */
    public TasksUnderWay {
        tasks = List.copyOf(tasks);
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        Iterator<Map.Entry<Integer, ModelWeights>> theirs = versions.entrySet().iterator();
        boolean fit = true;
        long last = -1;
        int round = 0;
        for (TaskStream.Task task : tasks) {
            if (task.number() <= last || task.number() >= started || task.round() < round) {
                throw new IllegalArgumentException("tasks must be in the order of their starts, their numbers below "
                        + started + ", but were " + tasks);
            }
            last = task.number();
            if (task.round() > round) {
                round = task.round();
                fit &= theirs.hasNext() && theirs.next().getKey() == round;
            }
        }
        if (!fit || theirs.hasNext()) {
            throw new IllegalArgumentException(
                    "there must be one version for each round of the tasks, but there are those of " + versions.keySet()
                            + " for " + tasks);
        }
    }

    /** Why these tasks cannot be under way after a round with such weights. */
    Optional<String> fault(int afterRound, ParameterLayout layout) {
        if (!versions.isEmpty() && versions.lastKey() > afterRound) {
            return Optional.of(
                    "a task of round " + versions.lastKey() + " cannot be under way after round " + afterRound);
        }
        return versions.values().stream().allMatch(version -> version.layout().equals(layout))
                ? Optional.empty()
                : Optional.of("the weights of tasks under way have another layout than the global ones");
    }

    void writeTo(BinaryWriter out) {
        out.writeInt(tasks.size());
        tasks.forEach(task -> task.writeTo(out));
        out.writeInt(versions.size());
        versions.forEach((round, weights) -> {
            out.writeInt(round);
            weights.writeTo(out);
        });
        out.writeLong(started);
    }

    static TasksUnderWay readFrom(BinaryReader in) {
        List<TaskStream.Task> tasks = new ArrayList<>();
        int count = in.readCount();
        for (int i = 0; i < count; i++) {
            tasks.add(TaskStream.Task.readFrom(in));
        }
        if (tasks.stream().map(TaskStream.Task::client).distinct().count() < count) {
            throw in.corrupt("a client has two tasks");
        }
        SortedMap<Integer, ModelWeights> versions = new TreeMap<>();
        int many = in.readCount();
        for (int i = 0; i < many; i++) {
            versions.put(in.readInt(), ModelWeights.readFrom(in));
        }
        return new TasksUnderWay(tasks, versions, in.readLong());
    }
}
