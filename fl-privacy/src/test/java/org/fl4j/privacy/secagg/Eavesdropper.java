package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;

/** Keeps every message that gets through: all that a server sees of a round. */
final class Eavesdropper implements Drill.Network {

    private record Way(ProtocolStage stage, Direction direction, int client) {}

    private final Drill.Network network;
    private final int n;
    private final Map<Way, byte[]> messages = new HashMap<>();

    Eavesdropper(int n) {
        this(n, (stage, way, client, message) -> Optional.of(message));
    }

    /** On a network that may lose messages. */
    Eavesdropper(int n, Drill.Network network) {
        this.n = n;
        this.network = network;
    }

    @Override
    public Optional<byte[]> carry(ProtocolStage stage, Direction way, int client, byte[] message) throws Exception {
        Optional<byte[]> carried = network.carry(stage, way, client, message);
        carried.ifPresent(bytes -> messages.put(new Way(stage, way, client), bytes));
        return carried;
    }

    boolean saw(ProtocolStage stage, Direction way, int client) {
        return messages.containsKey(new Way(stage, way, client));
    }

    byte[] message(ProtocolStage stage, Direction way, int client) {
        return Objects.requireNonNull(messages.get(new Way(stage, way, client)), () -> "no " + stage + " of " + client);
    }

    /** Messages are sealed, not encrypted. */
    private byte[] record(ProtocolStage stage, Direction way, int client) {
        return Envelope.unverified(message(stage, way, client), Envelope.SEAL_BYTES);
    }

    KeyAdvertisement advertisement(int client) {
        return KeyAdvertisement.fromBytes(record(ProtocolStage.ADVERTISE, Direction.TO_SERVER, client));
    }

    ShareDealing dealing(int client) {
        return ShareDealing.fromBytes(record(ProtocolStage.SHARE_KEYS, Direction.TO_SERVER, client));
    }

    MaskedInput input(int client) {
        return MaskedInput.fromBytes(record(ProtocolStage.MASKED_INPUT, Direction.TO_SERVER, client), n);
    }

    RingVector maskedVector(int client, VectorPlan plan) {
        RingVector vector = RingVector.zero(plan);
        vector.addPacked(input(client).vector().shared(), 0);
        return vector;
    }

    /** What the revealed shares of a client give: its seed, or its mask key if its input never came. */
    byte[] revealedSecret(int dealer, int threshold) {
        int[] holders = new int[threshold];
        byte[][] shares = new byte[threshold][];
        int found = 0;
        for (int holder = 0; holder < n && found < threshold; holder++) {
            if (saw(ProtocolStage.UNMASK, Direction.TO_SERVER, holder)) {
                RevealedShares revealed =
                        RevealedShares.fromBytes(record(ProtocolStage.UNMASK, Direction.TO_SERVER, holder), n);
                holders[found] = holder;
                shares[found++] =
                        revealed.share(Arrays.binarySearch(revealed.dealers().toArray(), dealer));
            }
        }
        return Interpolation.of(holders).join(shares).orElseThrow();
    }

    /** {@link Transcript#keys}, as one client was told. */
    byte[] transcript(int client) {
        KeyRoster roster = KeyRoster.fromBytes(record(ProtocolStage.SHARE_KEYS, Direction.TO_CLIENT, client), n);
        return Transcript.keys(
                advertisement(client).header().session().shared(),
                advertisement(client).taskFingerprint(),
                roster.roster().shared(),
                roster.graphSeed().shared());
    }
}
