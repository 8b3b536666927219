package org.fl4j.server;

import java.util.Optional;
import org.fl4j.FederatedLearningException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.RemoteMemory;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.model.Evaluation;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.secure.ParticipantSession;

/**
 * The far end of a client elsewhere under a rule that takes updates in the clear: it trains or evaluates in the client's
 * own JVM and answers bytes with bytes. {@link ParticipantSession} is its twin under a secure rule.
 *
 * <pre>{@code
 * // where the data are
 * PlainSession session = PlainSession.of(LocalClient.of(id, data, models));
 * while (transport.receive()) {
 *     transport.reply(session.answer(transport.message()));
 * }
 *
 * // at the server
 * final class FarClient implements Client {
 *     public ClientUpdate train(TrainingTask task) throws Exception {
 *         return ClientUpdate.fromBytes(transport.call(id, task.toBytes()));
 *     }
 *     public Evaluation evaluate(EvaluationTask task) throws Exception {
 *         return Evaluation.fromBytes(transport.call(id, task.toBytes()));
 *     }
 *     ...
 * }
 * }</pre>
 *
 * <p>An update goes through the checks the server makes before it is sent; the server makes them again. While the client
 * works, native code is pinned to one thread ({@link NativeThreads}), as under {@link FederatedServer#run}: the bits are
 * those of a client in the server's JVM, and processes that share cores do not wait for each other's native threads.
 *
 * <p>What a client remembers, such as SCAFFOLD's variate or LOCAL parameters, is in its {@link RemoteMemory}; without one such a task is an
 * exception. The server says in each task which of the client's updates was accepted last
 * ({@link org.fl4j.client.ClientProvider#rememberingElsewhere}).
 *
 * <p>The session itself keeps nothing between messages: an equal task, as after a resume of the server, has an equal answer. What the
 * client throws is thrown to the host, whose transport should tell the server that the client failed.
 *
 * <p>Thread-safe: one message at a time, others wait.
 */
public final class PlainSession {

    private final Client client;
    private final Optional<RemoteMemory> memory;

    private PlainSession(Client client, Optional<RemoteMemory> memory) {
        this.client = client;
        this.memory = memory;
    }

    /**
     * A session for one client.
     *
     * @param client trains and evaluates on the data that are here
     * @return the session
     */
    public static PlainSession of(Client client) {
        return new PlainSession(client, Optional.empty());
    }

    /**
     * A session for one client that remembers, and that may be sent the global weights by what has changed.
     *
     * @param client trains and evaluates on the data that are here; a {@link org.fl4j.client.LocalClient#rememberingIn} the memory, or around one
     * @param memory is closed by the caller
     */
    public static PlainSession of(Client client, RemoteMemory memory) {
        return new PlainSession(client, Optional.of(memory));
    }

    /**
     * Answers a task.
     *
     * @param task the bytes of a {@link TrainingTask} or an {@link EvaluationTask}
     * @return the bytes of a {@link ClientUpdate} or an {@link Evaluation}
     * @throws org.fl4j.CorruptDataException if the bytes are damaged or of neither kind
     * @throws UpdateRejectedException if the update is rejected; the message says who, which round and why
     * @throws Exception if training or evaluation fails
     */
    public synchronized byte[] answer(byte[] task) throws Exception {
        return EvaluationTask.isIn(task) ? evaluate(EvaluationTask.fromBytes(task)) : train(read(task));
    }

    private TrainingTask read(byte[] task) {
        return memory.isPresent()
                ? TrainingTask.fromBytes(task, client.id(), memory.get())
                : TrainingTask.fromBytes(task);
    }

    private byte[] train(TrainingTask task) throws Exception {
        try {
            return task.requireAnsweredBy(client.id(), NativeThreads.pinToOne(() -> client.train(task)))
                    .toBytes();
        } catch (UpdateRejectedException e) {
            throw e.of(client.id(), task.round());
        }
    }

    private byte[] evaluate(EvaluationTask task) throws Exception {
        Evaluation evaluation = NativeThreads.pinToOne(() -> client.evaluate(task));
        if (evaluation == null) {
            throw new FederatedLearningException("client '" + client.id() + "', after round " + task.round()
                    + ": evaluate returned null, not an evaluation");
        }
        return evaluation.toBytes();
    }
}
