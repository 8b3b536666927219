package org.fl4j.client;

import org.fl4j.binary.ComponentState;

/**
 * Which round a store has open and which is the earliest it can begin: what every store must refuse, in the same words.
 * Guarded by the store's lock.
 */
final class StateRounds {

    private boolean everBegun;
    private int open;
    private int earliest;

    StateRounds(int earliest) {
        this.earliest = earliest;
    }

    void checkBegin(int round) {
        if (round != 1 && round < earliest) {
            throw new IllegalStateException(
                    "round " + round + " cannot be run again: what clients remembered before round " + earliest
                            + " is gone; resume from a later state or start with an empty store");
        }
    }

    void begun(int round) {
        everBegun = true;
        open = round;
        if (round == 1) {
            earliest = 1;
        }
    }

    /** Whether something to remember comes in time. */
    boolean takes(ClientId client, int round, ComponentState state) {
        if (!everBegun && !state.isEmpty()) {
            throw new IllegalStateException("client '" + client + "', round " + round
                    + ": what it wants to remember would be lost, no server commits to this store; give one store to"
                    + " LocalObjectives.rememberingIn and to the server's clientStates");
        }
        return open != 0 && round == open;
    }

    void checkCommit(int round) {
        if (round != open || open == 0) {
            throw new IllegalStateException(
                    "round " + round + " is not open; " + (open == 0 ? "none is" : "the open round is " + open));
        }
    }

    void committed() {
        open = 0;
    }

    int earliest() {
        return earliest;
    }

    void forgotBefore(int round) {
        earliest = round;
    }
}
