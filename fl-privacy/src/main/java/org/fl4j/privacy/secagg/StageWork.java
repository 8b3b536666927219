package org.fl4j.privacy.secagg;

import java.util.Optional;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;

/** What the server does in one stage; {@link OpenStage} sees to who is due and whose seal it is. */
interface StageWork {

    ProtocolStage stage();

    IndexSet recipients();

    /** Sealed. */
    byte[] messageFor(int client);

    /**
     * Takes a record.
     *
     * @param client whose seal it bears
     * @param record without its seal
     * @return why not, if it is refused
     * @throws org.fl4j.binary.CorruptDataException if it is not of the right form
     */
    Optional<String> take(int client, byte[] record);

    /**
     * The stage is over.
     *
     * @param answered whose records were taken
     * @return why the round cannot go on, if it cannot
     */
    Optional<String> end(IndexSet answered);

    /** The record under the client's seal. The first stage has its own way: the key is in the record. */
    default Optional<byte[]> open(ServerRecords records, int client, byte[] sealed) {
        return Envelope.open(sealed, records.peer(client).keys().key(stage(), ProtocolStage.Direction.TO_SERVER));
    }
}
