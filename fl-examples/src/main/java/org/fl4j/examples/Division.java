package org.fl4j.examples;

import org.fl4j.data.Partitioner;

/** How the quickstart divides a data set among clients. */
enum Division {
    IID,
    DIRICHLET,
    SHARDS,
    POWERLAW,
    LOGNORMAL;

    private static final int SHARDS_PER_CLIENT = 2;

    /** The skew is Dirichlet's alpha, the power law's exponent or the log-normal's sigma. */
    Partitioner partitioner(double skew) {
        return switch (this) {
            case IID -> Partitioner.iid();
            case DIRICHLET -> Partitioner.dirichlet(skew);
            case SHARDS -> Partitioner.shards(SHARDS_PER_CLIENT);
            case POWERLAW -> Partitioner.powerLaw(skew);
            case LOGNORMAL -> Partitioner.logNormal(skew);
        };
    }
}
