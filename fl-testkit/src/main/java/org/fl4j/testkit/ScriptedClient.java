package org.fl4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.weights.ModelDelta;

/**
 * A client that does not train and answers from a script, so that a test of a rule, a selector or a server knows every update by hand:
 *
 * <pre>{@code
 * Client ann = ScriptedClient.of(new ClientId("ann")).sends(3, 0.5, -1).fails(new IOException("offline")).sends(3, 0.25, -0.5);
 * }</pre>
 *
 * <p>Each task takes the next line; the last is repeated. An evaluation has one example and no loss. Immutable but for its place in the
 * script, and thread-safe.
 */
public final class ScriptedClient implements Client {

    private final ClientId id;
    private final List<Line> script;
    private final AtomicInteger next = new AtomicInteger();

    private interface Line {
        ClientUpdate answer(ClientId id, TrainingTask task) throws Exception;
    }

    private ScriptedClient(ClientId id, List<Line> script) {
        this.id = id;
        this.script = List.copyOf(script);
    }

    /** A client with an empty script, which fails. */
    public static ScriptedClient of(ClientId id) {
        return new ScriptedClient(id, List.of());
    }

    /**
     * Returns a copy with one more line: the client sends an update.
     *
     * @param examples how many examples the update says it is of
     * @param delta the displacement, one value a coordinate of the task's weights
     */
    public ScriptedClient sends(long examples, double... delta) {
        double[] values = delta.clone();
        return with((client, task) ->
                ClientUpdate.of(client, task, ModelDelta.of(task.global().layout(), values), examples));
    }

    /** Returns a copy with one more line: the client throws. Copies begin at the first line. */
    public ScriptedClient fails(Exception thrown) {
        return with((client, task) -> {
            throw thrown;
        });
    }

    private ScriptedClient with(Line line) {
        List<Line> more = new ArrayList<>(script);
        more.add(line);
        return new ScriptedClient(id, more);
    }

    @Override
    public ClientId id() {
        return id;
    }

    @Override
    public ClientUpdate train(TrainingTask task) throws Exception {
        if (script.isEmpty()) {
            throw new IllegalStateException("client '" + id + "', round " + task.round() + ": its script is empty");
        }
        return script.get(Math.min(next.getAndIncrement(), script.size() - 1)).answer(id, task);
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        return new Evaluation(1, 0, List.of());
    }
}
