package org.fl4j.server.selection;

import org.fl4j.ClientId;

/**
 * Which clients can be asked in a round: charging and on Wi-Fi, awake in their time zone, enrolled by then.
 *
 * <p>It must be a function of the two alone, with no clock and no state: a run resumed from a checkpoint asks again, and gets
 * the same bits only for the same answers. What is known at run time only, such as who is connected, belongs in the
 * population ({@link org.fl4j.client.ClientProvider#ids}) or in the deadline.
 */
@FunctionalInterface
public interface Availability {

    /**
     * Whether a client can be asked.
     *
     * @param round counted from 1
     * @param client of the population
     * @return true if the selector may choose it
     */
    boolean isAvailable(int round, ClientId client);
}
