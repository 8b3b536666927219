package org.fl4j.data;

import java.util.Arrays;
import java.util.PriorityQueue;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * Gives every client a minimum number of examples by moving single examples from whoever has most.
 *
 * <p>A client above the minimum waits in a heap, largest first; it is put back while it is still above. So a client
 * never falls below the minimum by giving, and there is always a giver as long as there are enough examples.
 */
final class MinimumSize {

    private MinimumSize() {}

    static void require(Partitioner who, int examples, int clients, int minimum) {
        if (clients < 1) {
            throw new IllegalArgumentException(who + ": clients must be at least 1, but was " + clients);
        }
        long needed = (long) clients * minimum;
        if (examples < needed) {
            throw new IllegalArgumentException(who + " over " + clients + " clients needs at least " + needed
                    + " examples, " + minimum + " for each client, but was " + examples
                    + "; take fewer clients or more data");
        }
    }

    /** Changes and returns the array; which example a client gives is drawn from the seed. */
    static int[][] fill(int[][] members, int minimum, long seed) {
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, "partition/minimum"));
        int[] sizes = Arrays.stream(members).mapToInt(m -> m.length).toArray();
        PriorityQueue<Long> givers = new PriorityQueue<>();
        for (int k = 0; k < sizes.length; k++) {
            if (sizes[k] > minimum) {
                givers.add(entry(sizes[k], k));
            }
        }
        for (int k = 0; k < sizes.length; k++) {
            if (sizes[k] < minimum) {
                members[k] = Arrays.copyOf(members[k], minimum);
                for (; sizes[k] < minimum; sizes[k]++) {
                    int giver = (int) (long) givers.remove();
                    members[k][sizes[k]] = take(members[giver], sizes[giver], random);
                    sizes[giver]--;
                    if (sizes[giver] > minimum) {
                        givers.add(entry(sizes[giver], giver));
                    }
                }
            }
        }
        for (int k = 0; k < sizes.length; k++) {
            members[k] = Arrays.copyOf(members[k], sizes[k]);
        }
        return members;
    }

    /** Natural order is the largest size first, then the lowest index; the low 32 bits are the index. */
    private static long entry(int size, int client) {
        return (long) -size << 32 | client;
    }

    private static int take(int[] members, int size, DeterministicRandom random) {
        int at = random.nextInt(size);
        int taken = members[at];
        members[at] = members[size - 1];
        return taken;
    }
}
