package org.fl4j.client;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;

/** Another provider's clients, each in a decorator, elsewhere or with another store. */
record ClientsView(
        ClientProvider clients,
        BiFunction<? super Client, ? super ClientProvider, ? extends Client> decorator,
        boolean areRemote,
        Optional<ClientStateStore> states,
        boolean rememberElsewhere)
        implements ClientProvider {

    @Override
    public List<ClientId> ids() {
        return clients.ids();
    }

    @Override
    public Client client(ClientId id) {
        return decorator.apply(clients.client(id), clients);
    }

    @Override
    public Optional<String> objection(TrainingTask task) {
        return clients.objection(task).or(() -> ClientProvider.super.objection(task));
    }

    @Override
    public Optional<String> objection(ObjectiveSpec objective) {
        return clients.objection(objective);
    }

    @Override
    public ClientProvider withObjective(LocalObjective objective) {
        return new ClientsView(clients.withObjective(objective), decorator, areRemote, states, rememberElsewhere);
    }

    @Override
    public boolean remember() {
        return rememberElsewhere || clients.remember();
    }

    @Override
    public ClientProvider remembering() {
        return new ClientsView(clients.remembering(), decorator, areRemote, states, rememberElsewhere);
    }

    @Override
    public ClientStateStore clientStates() {
        return states.orElseGet(clients::clientStates);
    }

    @Override
    public ClientProvider rememberingIn(ClientStateStore store) {
        return new ClientsView(clients.rememberingIn(store), decorator, areRemote, Optional.empty(), rememberElsewhere);
    }
}
