package org.fl4j.privacy.secagg;

import java.util.Map;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** CONSISTENCY at the server: collects signatures on whose inputs are in the sum. */
final class SignatureCollection implements StageWork {

    private final ServerRecords records;
    private final IndexSet recipients;
    private final byte[] signed;
    private final Map<Integer, Bytes> signatures;

    SignatureCollection(ServerRecords records) {
        this.records = records;
        this.recipients = records.left();
        this.signed = Transcript.survivors(records.transcript(), records.included());
        this.signatures = records.signatures();
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.CONSISTENCY;
    }

    @Override
    public IndexSet recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(int client) {
        return records.seal(client, stage(), new SurvivorList(records.header(client), records.included()).toBytes());
    }

    @Override
    public Optional<String> take(int client, byte[] record) {
        Bytes signature = SurvivorSignature.fromBytes(record).signature();
        if (!records.terms().isSignedBy(records.client(client), signed, signature.shared())) {
            return Optional.of("its signature is not on the survivors that it was sent");
        }
        signatures.put(client, signature);
        return Optional.empty();
    }

    @Override
    public Optional<String> end(IndexSet answered) {
        records.setLeft(answered);
        return records.terms().survivorRequirement().after(stage(), answered);
    }
}
