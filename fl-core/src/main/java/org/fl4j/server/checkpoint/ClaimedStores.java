package org.fl4j.server.checkpoint;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.RunId;

/** What a checkpoint store is asked when a run starts, and which stores without a lock of their own are in use here. */
final class ClaimedStores {

    private static final Set<CheckpointStore> CLAIMED =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    private ClaimedStores() {}

    static ClientStateStore.Claim claim(CheckpointStore store, ServerState from) {
        if (!CLAIMED.add(store)) {
            throw new IllegalStateException(store
                    + " is in use by another run of this process; end that one first, or give each run a store of its"
                    + " own");
        }
        boolean continues = false;
        try {
            checkContinues(store, from);
            continues = true;
        } finally {
            if (!continues) {
                CLAIMED.remove(store);
            }
        }
        return ClientStateStore.Claim.releasedBy(() -> CLAIMED.remove(store));
    }

    /** A state may be saved by hand before a server ever ran it: then its run is not drawn yet, and the start decides. */
    static boolean isSameRun(RunId kept, RunId run) {
        return kept.isDrawn() ? kept.equals(run) : kept.isSameStart(run);
    }

    static void checkContinues(CheckpointStore store, ServerState from) {
        Optional<ServerState> latest = store.latest();
        if (latest.isEmpty()) {
            if (from.round() > 0) {
                throw new IllegalStateException(store + " holds no state, but " + of(from)
                        + " is to continue; is its volume mounted and its path right? To begin a history there with this state,"
                        + " save(state) it first");
            }
            return;
        }
        ServerState kept = latest.get();
        if (!isSameRun(kept.run(), from.run())) {
            throw new IllegalStateException(
                    store + " belongs to " + of(kept) + ", and not to the one to start, " + of(from)
                            + "; resume the former with runUntil, give the latter another store or folder, or erase the former with"
                            + " eraseHistory()");
        }
        if (kept.round() > from.round()) {
            throw new IllegalStateException(store + " holds " + of(kept) + ", but the state is at round " + from.round()
                    + "; resume with runUntil, or from latest()");
        }
        if (kept.round() < from.round()) {
            throw new IllegalStateException(store + " ends with " + of(kept) + ", but the state is at round "
                    + from.round() + "; was an older copy restored? To continue from this state, save(state) it first");
        }
        if (!kept.equals(from)) {
            throw new IllegalStateException(store + " holds another state of " + of(kept)
                    + " than the one to continue from; resume with runUntil, or from latest()");
        }
    }

    private static String of(ServerState state) {
        return "run " + state.run() + " at round " + state.round();
    }
}
