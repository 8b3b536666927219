package org.fl4j.privacy.secagg;

import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.Check;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.weights.ModelDelta;

/**
 * Sums the contributions of a linear rule among two or three servers that do not collude: each client sends one message and may
 * then drop out.
 *
 * <p><b>Guarantee.</b> Any of the servers but one, with any number of clients, learn the sum over one set of at least {@link
 * #ofAtLeast} contributions a round and nothing else about any of them, provided that they keep to the protocol or that the
 * other is honest about what it was asked. Nothing is hidden from all servers together. The leading server, which is the one
 * that trains the model, sees the sum <em>without</em> a private rule's noise, which it adds itself; the others never see a
 * sum. A client can send any integers, and any client or server can spoil a round, as under a {@link SecureSum}.
 *
 * <pre>{@code
 * SharedSum rule = SharedSum.on(FedAvg.byCappedExamples(100), FixedPoint.within(4));
 * FederatedServer.with(rule.amongServers(2))                     // simulation: the second server is in this JVM
 *
 * SharedSum known = rule.amongServers(List.of(ShareServer.known(theirKey)));
 * ShareHolder.of(known, theirKeys).answer(message)               // the second operator's process
 * ParticipantSession.of(known, client)                           // each client's process
 * FederatedServer.with(rule.amongServers(List.of(overHttps)))    // the leading server's process
 * }</pre>
 *
 * <p>A client's integers x are split as {@code x = x_0 + x_1 (+ x_2)} modulo 2^k, all parts but one uniformly random: {@code x_j =
 * -PRG(seed_j)} for the servers j that hold shares, {@code x_0 = x + sum_j PRG(seed_j)} for the leading one. Each part is encrypted
 * to its server's keys of the round, X25519 and ML-KEM-768 together, so what is recorded stays closed as long as one of them holds; a seed takes
 * 1,144 bytes. The servers drop every client whose parts do not open at all of them,
 * agree on the set of clients that are left, and only then does each of the others reveal the sum of its parts, once. The sum is
 * that of {@link SecureSum}, bit for bit: the same rounding, the same modulus, the same treatment of clients out of range.
 *
 * <p>A server that cannot be reached, or does not answer as it must, ends the round without a sum ({@link
 * SecureRound.Cause#LOST_SERVER}).
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: additive secret sharing (Blakley, Meadows, CRYPTO 1984); between servers as in Corrigan-Gibbs, Boneh, "Prio: Private, Robust, and
 * Scalable Computation of Aggregate Statistics", NSDI 2017, section 3 and appendix I (shares as seeds), without its proofs of
 * range.
 */
public final class SharedSum implements SecureAggregator, Aggregator.Masked.Forwarding {

    /** The largest cohort unless set: {@value}. */
    public static final int DEFAULT_LARGEST_COHORT = 1 << 14;

    private static final int MOST_SERVERS = 3;

    private final LinearAggregator rule;
    private final FixedPoint numbers;
    private final int smallestCohort;
    private final int largestCohort;
    private final List<ShareServer> others;

    private SharedSum(
            LinearAggregator rule,
            FixedPoint numbers,
            int smallestCohort,
            int largestCohort,
            List<ShareServer> others) {
        this.rule = rule;
        this.numbers = numbers;
        this.smallestCohort = smallestCohort;
        this.largestCohort = largestCohort;
        this.others = others;
    }

    /**
     * A sum between two servers, of which the second is simulated in this JVM until {@link #amongServers(List)} says where it is.
     *
     * @param numbers how real numbers become integers; segments with a grid of their own need none
     */
    public static SharedSum on(LinearAggregator rule, FixedPoint numbers) {
        return new SharedSum(rule, numbers, 2, DEFAULT_LARGEST_COHORT, simulated(2));
    }

    /**
     * A sum of a rule whose segments all have a grid or a bound, such as a clipped mean.
     */
    public static SharedSum on(LinearAggregator rule) {
        return on(rule, FixedPoint.UNSTATED);
    }

    /**
     * Returns a copy whose other servers are simulated in this JVM, whose owner sees everything.
     *
     * @param servers the leading one included: 2 or 3
     * @throws IllegalArgumentException if it is another number
     */
    public SharedSum amongServers(int servers) {
        return with(simulated(servers));
    }

    /**
     * Returns a copy with servers elsewhere.
     *
     * @param servers without the leading one: 1 or 2; the same, in the same order, at all ends
     * @throws IllegalArgumentException if they are more or fewer, or two have one identity, or one has none of Ed25519
     */
    public SharedSum amongServers(List<ShareServer> servers) {
        return with(servers);
    }

    /**
     * Returns a copy for sums of a least size: no end begins or takes part in a round of a smaller cohort, and no server reveals
     * its part of the sum of fewer contributions.
     *
     * @param clients at least 2, which is the default; {@link #ofAtMost} is raised to it if it is less
     * @throws IllegalArgumentException if it is less
     */
    public SharedSum ofAtLeast(int clients) {
        // A sum over one client is its contribution.
        Check.atLeast("smallest cohort", clients, 2);
        return new SharedSum(rule, numbers, clients, Math.max(clients, largestCohort), others);
    }

    /**
     * Returns a copy for cohorts of a greatest size: no end begins or takes part in a larger round.
     *
     * @param clients at least that of {@link #ofAtLeast}; {@value #DEFAULT_LARGEST_COHORT} unless set
     * @throws IllegalArgumentException if it is less
     */
    public SharedSum ofAtMost(int clients) {
        Check.atLeast("largest cohort", clients, smallestCohort);
        return new SharedSum(rule, numbers, smallestCohort, clients, others);
    }

    private SharedSum with(List<ShareServer> servers) {
        requireTwoOrThree(1 + servers.size());
        Set<PublicKey> identities = new HashSet<>();
        for (ShareServer server : servers) {
            if (!Ed25519.isPublicKey(server.identity())) {
                throw new IllegalArgumentException("the identity of a server must be an Ed25519 key, but was one of "
                        + server.identity().getAlgorithm());
            }
            if (!identities.add(server.identity())) {
                throw new IllegalArgumentException(
                        "two servers have the same identity; shares held twice by one hide nothing");
            }
        }
        return new SharedSum(rule, numbers, smallestCohort, largestCohort, List.copyOf(servers));
    }

    private static List<ShareServer> simulated(int servers) {
        requireTwoOrThree(servers);
        return IntStream.range(1, servers)
                .<ShareServer>mapToObj(server -> new Simulated(Ed25519.freshKeys()))
                .toList();
    }

    private static void requireTwoOrThree(int servers) {
        if (servers < 2 || servers > MOST_SERVERS) {
            throw new IllegalArgumentException(
                    "a sum is shared between 2 or 3 servers, the leading one included, but was " + servers);
        }
    }

    /** In this JVM; a {@link ShareHolder} for each round stands in for one that lasts. */
    private record Simulated(KeyPair keys) implements ShareServer {

        @Override
        public PublicKey identity() {
            return keys.getPublic();
        }

        @Override
        public byte[] answer(byte[] message) {
            throw new IllegalStateException("a simulated server answers within a round only");
        }

        @Override
        public String toString() {
            return "simulated";
        }
    }

    @Override
    public LinearAggregator inner() {
        return rule;
    }

    FixedPoint numbers() {
        return numbers;
    }

    int smallestCohort() {
        return smallestCohort;
    }

    List<ShareServer> others() {
        return others;
    }

    /** Throws unless a cohort's size is allowed. */
    void requireAllowed(int clients) {
        if (clients < smallestCohort) {
            throw new CohortSizeException(
                    "a shared sum must be over at least " + smallestCohort + " clients, but was " + clients
                            + "; SharedSum's .ofAtLeast(...) sets the bound",
                    "the cohort is smaller than SharedSum's .ofAtLeast(...) allows");
        }
        if (clients > largestCohort) {
            throw new CohortSizeException(
                    "a shared sum must be over at most " + largestCohort + " clients, but was " + clients
                            + "; SharedSum's .ofAtMost(...) sets the bound",
                    "the cohort is larger than SharedSum's .ofAtMost(...) allows; raise it, at the clients and the other servers"
                            + " as well, or choose smaller cohorts");
        }
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return SecureSum.taskVectors(rule, context);
    }

    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard().map(guard -> new SecureSum.CohortGuard(guard.underMasks(), "SharedSum", largestCohort));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the sum of so many contributions could wrap, the cohort is larger than {@link #ofAtMost}, or it
     *     is smaller than {@link #ofAtLeast} and its size was not drawn at random
     */
    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        List<ShareServer> reached = others.stream()
                .map(server -> server instanceof Simulated here ? ShareHolder.of(this, here.keys()) : server)
                .toList();
        return SharedRound.begin(this, context, cohort, reached);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The participant throws {@link SecureSum.ProtocolViolationException} on a message that no honest server sends.
     */
    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        return new SharingClient(this, self, new SecureRandom());
    }

    @Override
    public String toString() {
        return "SharedSum(" + (1 + others.size()) + " servers, at least " + smallestCohort + " clients, " + numbers
                + ") of " + rule;
    }
}
