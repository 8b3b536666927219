package org.fl4j.aggregation;

/**
 * Who comes to know, beside the server, how large a round's cohort is or who is in it. Poisson sampling amplifies privacy
 * only against those who do not: given the size, the members are no longer independent, and given the members there is no
 * sampling.
 *
 * <p>{@code FederatedServer} states it in the {@link RoundContext}; {@link PrivacyBudgetGuard#underMasks} states it for whoever
 * drives a secure rule without one.
 */
public enum CohortVisibility {
    /** Nobody: a client that trains in the clear is told its task and nothing of the others. */
    SERVER_ONLY,
    /** The members, as in a masked sum, whom the host has declared trusted not to use what they learn. */
    TRUSTED_MEMBERS,
    /** The members: in a masked sum every member learns the cohort's size, on the complete graph every id. */
    MEMBERS,
    /** Everybody: participation counts are public. */
    EVERYBODY;

    /**
     * The least that holds where the sum is masked.
     *
     * @return {@link #MEMBERS} for {@link #SERVER_ONLY}, else this
     */
    public CohortVisibility underMasks() {
        return this == SERVER_ONLY ? MEMBERS : this;
    }
}
