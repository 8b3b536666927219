package org.fl4j.data;

/**
 * Divides one data set among the clients of a simulation.
 *
 * <p>The factories here guarantee, for every input they accept:
 *
 * <ul>
 *   <li>every example lands in exactly one client;
 *   <li>every client has at least one example. A client that the rule leaves empty is given one by the client that has
 *       most at that moment (the lowest index among equals), chosen at random from its examples; {@link #atLeast}
 *       raises the minimum;
 *   <li>the same examples, clients and seed give the same partition, on every JVM.
 * </ul>
 *
 * <p>They reject fewer than one client and fewer examples than clients, with an {@link IllegalArgumentException}. They
 * are immutable and thread-safe.
 */
@FunctionalInterface
public interface Partitioner {

    /**
     * Divides examples among clients.
     *
     * @param examples what to divide
     * @param clients among how many, at least 1
     * @param seed decides everything that is random
     * @return the partition
     * @throws IllegalArgumentException if these examples cannot be divided so
     */
    Partition partition(Examples examples, int clients, long seed);

    /**
     * Independent and identically distributed: a random permutation cut into pieces whose sizes differ by at most 1.
     *
     * @return the partitioner
     */
    static Partitioner iid() {
        return new IidPartitioner();
    }

    /**
     * Label skew, and with it quantity skew: for each class c a vector of proportions {@code p_c ~ Dir_K(alpha)} over
     * the K clients; client k gets the share {@code p_c[k]} of the examples of class c.
     *
     * <p>Shares become whole examples by cutting the class, in random order, at the rounded cumulated proportions
     * {@code round(n_c (p_c[1] + .. + p_c[k]))}, along an order of clients drawn anew for each class, so that rounding
     * favours no client.
     *
     * <ul>
     *   <li>{@code alpha -> infinity}: each client gets {@code n_c / K} of every class, to within one example.
     *   <li>{@code alpha -> 0}: each class goes to one client; the clients left empty then get one example each.
     *   <li>Draws are taken as logarithms and normalised by their maximum, so no alpha yields NaN.
     *   <li>Examples with dense targets are rejected.
     * </ul>
     *
     * <p>Source: Yurochkin, Agarwal, Ghosh, Greenewald, Hoang, Khazaeni, "Bayesian Nonparametric Federated Learning of
     * Neural Networks", ICML 2019, section 4: the variant that most experiments called "Dir(alpha)" use, such as Li,
     * Diao, Chen, He, ICDE 2022.
     *
     * @implNote Hsu, Qi, Brown, "Measuring the Effects of Non-Identical Data Distribution for Federated Visual
     *     Classification", 2019, section 3, draw the other way round: for each <em>client</em> a vector
     *     {@code q ~ Dir(alpha p)} over the classes, and every client gets the same number of examples. At equal alpha
     *     their clients are of equal size; here sizes differ too.
     * @param alpha the concentration, above 0; 0.1 is strong skew, 1 moderate, 100 close to IID
     * @return the partitioner
     * @throws IllegalArgumentException if alpha is not a positive finite number
     */
    static Partitioner dirichlet(double alpha) {
        return new DirichletPartitioner(alpha);
    }

    /**
     * Few classes a client: sorts the examples by label (in random order within a label), cuts them into
     * {@code clients * shardsPerClient} shards whose sizes differ by at most 1, and deals each client
     * {@code shardsPerClient} of them at random.
     *
     * <ul>
     *   <li>Where every class has at least as many examples as a shard, a shard touches at most two classes, so a
     *       client has at most {@code 2 shardsPerClient}; where the class sizes are also multiples of the shard size,
     *       at most {@code shardsPerClient}.
     *   <li>Examples with dense targets are rejected, and so are fewer examples than shards.
     * </ul>
     *
     * <p>Source: McMahan, Moore, Ramage, Hampson, Aguera y Arcas, AISTATS 2017, section 3, "Pathological Non-IID".
     *
     * @param shardsPerClient at least 1; the paper takes 2
     * @return the partitioner
     * @throws IllegalArgumentException if {@code shardsPerClient} is below 1
     */
    static Partitioner shards(int shardsPerClient) {
        return new ShardPartitioner(shardsPerClient);
    }

    /**
     * Quantity skew with a heavy tail: the client of rank r has a share proportional to {@code r^-exponent} (Zipf's
     * law), ranks {@code 1..K} are given to the clients at random, and the content is IID. Sizes are the shares of the
     * examples, rounded cumulatively; a client whose share rounds to nothing gets one example.
     *
     * @param exponent at least 0; 0 is equal sizes, 1 gives the largest of 100 clients about a fifth of all examples
     * @return the partitioner
     * @throws IllegalArgumentException if the exponent is negative or not finite
     */
    static Partitioner powerLaw(double exponent) {
        return QuantityPartitioner.powerLaw(exponent);
    }

    /**
     * Quantity skew without a ranking: each client's share is proportional to {@code exp(sigma z)} with
     * {@code z ~ N(0, 1)}, and the content is IID. Sizes are the shares of the examples, rounded cumulatively; a client
     * whose share rounds to nothing gets one example.
     *
     * @param sigma the standard deviation of the log of a size, at least 0; 0 is equal sizes, 2 is as skewed as the
     *     synthetic federation of FedProx
     * @return the partitioner
     * @throws IllegalArgumentException if sigma is negative or not finite
     */
    static Partitioner logNormal(double sigma) {
        return QuantityPartitioner.logNormal(sigma);
    }

    /**
     * This partitioner, then examples moved until every client has a minimum. Each move takes a random example of the
     * client that has most at that moment (the lowest index among equals) and gives it to the first client that has
     * too few. Clients above the minimum are otherwise left as they are; nothing is drawn again.
     *
     * @param minExamples the minimum for each client, at least 1
     * @return the partitioner; it rejects fewer than {@code clients * minExamples} examples
     * @throws IllegalArgumentException if {@code minExamples} is below 1
     */
    default Partitioner atLeast(int minExamples) {
        return new AtLeastPartitioner(this, minExamples);
    }
}
