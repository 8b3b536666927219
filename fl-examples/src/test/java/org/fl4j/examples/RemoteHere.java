package org.fl4j.examples;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;

/** The remote example's rounds in this process, without a wire: what it is held to. */
final class RemoteHere {

    private static final Map<ClientId, Client> CLIENTS = new ConcurrentHashMap<>();

    private RemoteHere() {}

    static ServerState run(RemoteSetting setting, ServerState from, int rounds, Set<ClientId> away) {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        ServerBuilder builder = setting == RemoteSetting.MASKED
                ? FederatedServer.with(RemoteSetting.masked(identities, identities))
                : FederatedServer.with(FedAvg.byExamples());
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = builder.clients(ClientProvider.of(RemoteSetting.IDS, id -> client(id, away)))
                        .localTraining(RemoteSetting.TRAINING)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds).state();
        }
    }

    private static Client client(ClientId id, Set<ClientId> away) {
        return away.contains(id) ? new Away(id) : CLIENTS.computeIfAbsent(id, RemoteSetting::client);
    }

    /** Has dealt shares of its keys and does not train. */
    private record Away(ClientId id) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) throws IOException {
            throw new IOException("away");
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws IOException {
            throw new IOException("away");
        }
    }
}
