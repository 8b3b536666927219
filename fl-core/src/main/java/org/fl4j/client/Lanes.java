package org.fl4j.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived of a cohort and waits for its turn. The cohort is cut into lanes of equal length by position; within a
 * lane outcomes are taken in order, while lanes do not wait for each other. Guarded by the run's lock.
 */
final class Lanes<R> {

    private final int length;
    private final int[] next;
    private final List<@Nullable ClientOutcome<R>> arrived;
    private final NavigableSet<Integer> ready = new TreeSet<>();
    private int first;

    Lanes(int clients, int length) {
        this.length = length;
        this.arrived = new ArrayList<>(Collections.nCopies(clients, null));
        this.next = new int[(clients + length - 1) / length];
        for (int lane = 0; lane < next.length; lane++) {
            next[lane] = lane * length;
        }
    }

    void arrive(int position, ClientOutcome<R> outcome) {
        arrived.set(position, outcome);
        if (next[position / length] == position) {
            ready.add(position);
        }
    }

    /** The first position whose outcome has arrived and is next in its lane; -1 if there is none. */
    int ready() {
        return ready.isEmpty() ? -1 : ready.first();
    }

    /** The first position that was not taken, whether or not its outcome has arrived. */
    int first() {
        while (next[first] == end(first)) {
            first++;
        }
        return next[first];
    }

    /** The outcome at the next position of a lane; null if it has not arrived. */
    @Nullable
    ClientOutcome<R> take(int position) {
        int lane = position / length;
        ready.remove(position);
        next[lane] = position + 1;
        if (position + 1 < end(lane) && arrived.get(position + 1) != null) {
            ready.add(position + 1);
        }
        return arrived.set(position, null);
    }

    private int end(int lane) {
        return Math.min(arrived.size(), (lane + 1) * length);
    }
}
