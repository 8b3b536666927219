package org.fl4j.server.selection;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.state.ComponentState;

/**
 * What a selector selects from.
 *
 * @param round counted from 1
 * @param population all clients
 * @param overSelection the share of additional clients asked for
 * @param state what the selector left after the last round; {@link ComponentState#EMPTY} at first
 * @param seed derived for the selector and the round
 */
public record SelectionContext(
        int round, List<ClientId> population, double overSelection, ComponentState state, long seed) {}
