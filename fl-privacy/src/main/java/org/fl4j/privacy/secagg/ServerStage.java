package org.fl4j.privacy.secagg;

import java.util.Optional;
import java.util.function.Supplier;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;

/**
 * A stage of the protocol at the server. It is made from the value that the stage before returned, collects the clients' records
 * in itself alone, and ends in the next stage, which holds this one's value. {@link StageReplies} tracks which clients are due.
 *
 * <p>Closing erases the secrets of the stage and of the values before it. A stage that has led to a next one is not closed.
 */
interface ServerStage extends AutoCloseable {

    ProtocolStage stage();

    IndexSet recipients();

    /** Sealed. */
    byte[] messageFor(int client);

    /** The record, if it bears the seal of the client, this stage, round and session. */
    Optional<byte[]> open(int client, byte[] sealed);

    /**
     * Collects a record.
     *
     * @param client the client whose seal it bears
     * @param record what {@link #open} returned
     * @return why it is rejected, if it is
     * @throws org.fl4j.CorruptDataException if it is not of the right form
     */
    Optional<String> accept(int client, byte[] record);

    /**
     * Ends the stage.
     *
     * @param answered the clients whose records were accepted
     */
    End end(IndexSet answered);

    @Override
    void close();

    /** How a stage ends. */
    sealed interface End {

        static End of(Optional<String> shortfall, Supplier<End> otherwise) {
            return shortfall.<End>map(Abandoned::new).orElseGet(otherwise);
        }
    }

    /** The round cannot continue. */
    record Abandoned(String reason) implements End {}

    record Next(ServerStage stage) implements End {}

    /** It was the last. */
    record Finished(ShareRevelation.RevealedSum sum) implements End {}
}
