package org.fl4j.spark;

import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.state.ClientStateStore;

/** The population as the driver knows it, with clients whose work is done on executors. */
record SparkClients(List<ClientId> ids, ClientProvider made, Calls calls) implements ClientProvider {

    private SparkClients with(ClientProvider other) {
        return new SparkClients(ids, other, calls);
    }

    @Override
    public SparkClient client(ClientId id) {
        return new SparkClient(id, calls, made.clientStates());
    }

    @Override
    public boolean areRemote() {
        return true;
    }

    @Override
    public Optional<String> objection(ObjectiveSpec objective) {
        return made.objection(objective);
    }

    /** As far as the driver can make a client. */
    @Override
    public Optional<String> objection(TrainingTask task) {
        return made.ids().isEmpty() ? Optional.empty() : made.objection(task);
    }

    /** Executors have it from the rule that is made there. */
    @Override
    public SparkClients withObjective(LocalObjective objective) {
        return with(made.withObjective(objective));
    }

    @Override
    public boolean remember() {
        return made.remember();
    }

    @Override
    public SparkClients remembering() {
        return with(made.remembering());
    }

    @Override
    public ClientStateStore clientStates() {
        return made.clientStates();
    }

    @Override
    public SparkClients rememberingIn(ClientStateStore store) {
        return with(made.rememberingIn(store));
    }
}
