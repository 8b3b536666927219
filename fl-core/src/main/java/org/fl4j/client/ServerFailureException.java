package org.fl4j.client;

import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.RunInterruptedException;
import org.fl4j.state.ClientStateStore;
import org.jspecify.annotations.Nullable;

/**
 * A failure of the server that came up on a thread that was working for a client: its store of client states on a full
 * disk, its rule's own code. It is not booked as the client's: a {@link ClientRunner} ends the run and throws the cause.
 *
 * <p>What in this JVM is the server's, though a client calls it, goes through {@link #ours}; {@link LocalClient} does so
 * with the {@link ClientStateStore}.
 */
public final class ServerFailureException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;
    private static final int DEEPEST = 100;

    private ServerFailureException(Throwable cause) {
        super("the server failed while a client was at work: " + inWords(cause), cause);
    }

    /**
     * Does a part of the work that is the server's.
     *
     * @param <R> the type of the result
     * @param part what to do
     * @return its result
     * @throws ServerFailureException if the part throws anything; its cause is what was thrown
     * @throws RunInterruptedException if the part was interrupted, as happens to a client whose round is over
     */
    public static <R> R ours(Supplier<? extends R> part) {
        try {
            return part.get();
        } catch (RunInterruptedException | ServerFailureException | UpdateRejectedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new ServerFailureException(e);
        }
    }

    /**
     * Lets a rule look at one client's update. Of a private rule the server's failure would show that client's data, by the end
     * of the run: there, whatever the rule throws rejects the update.
     *
     * @param isPrivate whether the rule spends a privacy budget
     * @param look what the rule does
     * @return its result
     * @throws UpdateRejectedException if the rule rejects the update
     * @throws ServerFailureException if the rule of a run that is not private fails otherwise
     */
    public static <R> R ofRule(boolean isPrivate, Supplier<? extends R> look) {
        try {
            return ours(look);
        } catch (ServerFailureException e) {
            if (isPrivate && e.getCause() instanceof RuntimeException thrown) {
                throw new UpdateRejectedException("the rule could not look at the update: "
                        + thrown.getClass().getName());
            }
            throw e;
        }
    }

    /**
     * Makes an outcome of what the work for a client threw.
     *
     * @param <R> the type of a result
     * @param client for whom
     * @param thrown what was thrown
     * @return the client's failure
     * @throws ServerFailureException if the server's failure is what was thrown, or lies behind it
     */
    public static <R> ClientOutcome<R> failed(ClientId client, Throwable thrown) {
        ServerFailureException ours = behind(thrown);
        if (ours != null) {
            throw ours;
        }
        return thrown instanceof UpdateRejectedException rejected
                ? new ClientOutcome.Rejected<>(client, rejected.reason())
                : new ClientOutcome.Failed<>(client, thrown);
    }

    /** A throwable in words, also where its own code fails at that. */
    static String inWords(Throwable thrown) {
        String type = thrown.getClass().getName();
        try {
            String words = thrown.toString();
            return words == null ? type : words;
        } catch (Throwable t) {
            return type + ", whose toString() threw " + t.getClass().getName();
        }
    }

    /** A client's exception may be of a class of its own: whatever that does, it is the client's. */
    private static @Nullable ServerFailureException behind(Throwable thrown) {
        try {
            Throwable cause = thrown;
            for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
                if (cause instanceof ServerFailureException found) {
                    return found;
                }
                cause = cause.getCause();
            }
        } catch (Throwable t) {
            return null;
        }
        return null;
    }
}
