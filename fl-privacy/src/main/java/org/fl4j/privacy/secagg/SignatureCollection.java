package org.fl4j.privacy.secagg;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** CONSISTENCY at the server: collects signatures on the survivors, whose inputs are in the sum. */
final class SignatureCollection implements ServerStage {

    private final MaskedSum masked;
    private final AdvertisedKeys keys;
    private final byte[] signed;
    private final Map<Integer, Bytes> signatures = new TreeMap<>();

    SignatureCollection(MaskedSum masked) {
        this.masked = masked;
        this.keys = masked.keys();
        this.signed = Transcript.survivors(keys.transcript().shared(), masked.included());
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.CONSISTENCY;
    }

    @Override
    public IndexSet recipients() {
        return masked.left();
    }

    @Override
    public byte[] messageFor(int client) {
        SurvivorList survivors = new SurvivorList(keys.round().header(client), masked.included());
        return keys.seal(client, stage(), survivors.toBytes());
    }

    @Override
    public Optional<byte[]> open(int client, byte[] sealed) {
        return keys.open(client, stage(), sealed);
    }

    @Override
    public Optional<String> accept(int client, byte[] record) {
        Bytes signature = SurvivorSignature.fromBytes(record).signature();
        if (!keys.terms().isSignedBy(keys.round().client(client), signed, signature.shared())) {
            return Optional.of("its signature is not on the survivors that it was sent");
        }
        signatures.put(client, signature);
        return Optional.empty();
    }

    @Override
    public End end(IndexSet answered) {
        return End.of(
                keys.terms().survivorRequirement().after(stage(), answered),
                () -> new Next(new ShareRevelation(masked.signed(answered, signatures))));
    }

    @Override
    public void close() {
        masked.close();
    }
}
