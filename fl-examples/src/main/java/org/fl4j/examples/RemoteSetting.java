package org.fl4j.examples;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.LocalClient;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.remote.RemoteClients;
import org.fl4j.remote.RemoteSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;

/** What server and clients of the remote example agree on beforehand: who they are, the model, the rule. */
enum RemoteSetting {
    /** The server sees each update. */
    PLAIN,
    /** It sees each update, and releases a clipped mean with noise. Three clients are far too few for privacy. */
    PRIVATE,
    /** It may lie, and sees a sum. One of the three clients may drop out. */
    MASKED;

    static final List<ClientId> IDS = ClientId.numbered("writer-", 3);
    static final long SEED = 42;
    static final LocalTraining TRAINING =
            LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);

    private static final int IMAGES = 30;
    private static final int PIXELS = 784;
    private static final int CLASSES = 10;
    private static final double RANGE = 4;
    private static final double CLIP = 0.5;
    private static final double NOISE = 1;

    static ModelPool<SoftmaxRegression> models() {
        return ModelPool.of(() -> new SoftmaxRegression(PIXELS, CLASSES));
    }

    static ServerState start() {
        return ServerState.initial(models().initialWeights(), SEED);
    }

    /** A client's own drawings, where the client is. */
    static LocalClient<?> client(ClientId id) {
        return LocalClient.of(id, StrokeDigits.of(SEED).writer(IDS.indexOf(id), IMAGES), models());
    }

    /** The server's mailboxes. */
    RemoteClients clients() {
        return this == MASKED ? RemoteClients.masking(IDS) : RemoteClients.of(IDS);
    }

    /** The server, without its clients. */
    ServerBuilder server(RemoteFiles files) throws IOException, GeneralSecurityException {
        ServerBuilder builder = switch (this) {
            case PLAIN -> FederatedServer.with(FedAvg.byExamples());
            case PRIVATE ->
                FederatedServer.with(mechanism().journal(files.server().resolve("journal")));
            case MASKED -> FederatedServer.with(masked(files.identities(IDS), IdentityDirectory.Signer.none()));
        };
        return builder.localTraining(TRAINING);
    }

    /** A client's end. */
    RemoteSession session(ClientId id, RemoteFiles files) throws IOException, GeneralSecurityException {
        return this == MASKED
                ? RemoteSession.masking(masked(files.identities(IDS), files.signer(id)), client(id))
                : RemoteSession.of(client(id));
    }

    static GaussianMechanism mechanism() {
        return GaussianMechanism.on(ClippedMean.fixed(CLIP), NOISE);
    }

    static SecureSum masked(IdentityDirectory directory, IdentityDirectory.Signer signer) {
        return SecureSum.on(FedAvg.byCappedExamples(IMAGES), FixedPoint.within(RANGE))
                .tolerating(DropoutTolerance.ofDropouts(0.33))
                .malicious(directory, signer);
    }
}
