package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.fl4j.privacy.dp.DistributedNoise;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.fl4j.weights.ModelDelta;

/**
 * Sums the contributions of a linear rule under masks, and tolerates dropouts.
 *
 * <p><b>Guarantee.</b> In a round that recovers a sum the server learns that sum, who is in it, and nothing else about
 * any contribution, provided that no more clients collude with the server and no more drop out than the {@link DropoutTolerance} allows. From a
 * round abandoned before UNMASK, the last stage, the server learns nothing about contributions. A round abandoned later (too few
 * shares arrived, a dealer cheated, the sum is out of range) guarantees no more than one that recovers the sum: shares were
 * revealed, so the server may know it. How the server may deviate depends on the setting:
 *
 * <ul>
 *   <li>curious, the default: the server follows the protocol and remembers everything;
 *   <li>{@link #semiMalicious}: the server collects keys honestly and may lie afterwards; on a sparse graph it may then learn
 *       sums over disjoint parts of the cohort instead of one, see the threat model;
 *   <li>{@link #malicious}: the server may lie at any time. Any attempt to learn more than a sum over at least the threshold of
 *       the cohort ends the round, as at least one honest client does not answer.
 * </ul>
 *
 * <p>The sum itself is not hidden: that requires noise, such as a {@code GaussianMechanism} inside. A client can send
 * any contribution in range, as in the clear.
 *
 * <pre>{@code
 * FederatedServer.with(SecureSum.on(FedAvg.byCappedExamples(100), FixedPoint.within(4)))
 * }</pre>
 *
 * <p>{@code FederatedServer} runs both halves in one JVM for clients in that JVM, whose owner sees everything: that is for simulation. A client elsewhere is a {@code MaskingClient} to the server, which carries bytes to a
 * {@code ParticipantSession} at the client's end, with the same rule, numbers and setting. A host without
 * {@code FederatedServer} drives {@link #begin} itself. It must first open the rule's {@link #guard}, if
 * there is one, for the run and call it for each round, otherwise noise is released without being charged to the budget; it then
 * runs stage by stage and passes the result's state to the next round's context.
 *
 * <p>The sum is exact: integers modulo 2^k, with k chosen so that nothing wraps. A rule with a grid of its own has the same
 * sum as in the clear; the contributions of other rules are rounded to steps of {@link FixedPoint}, without bias. A
 * client with a coordinate out of range is rejected. Under a private rule nothing but sum plus noise decides what is released: k leaves room for the
 * noise, which is added modulo 2^k, a sum out of range is released like any other, and a client whose training fails or whose
 * update is rejected stays in the round with zeros. Keys and masks are fresh in every round; the recovered sum has the same
 * bits for the same seed.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: Bonawitz, Ivanov, Kreuter, Marcedone, McMahan, Patel, Ramage, Segal, Seth, "Practical Secure Aggregation for
 * Privacy-Preserving Machine Learning", CCS 2017; Bell, Bonawitz, Gascón, Lepoint, Raykova, "Secure Single-Server
 * Aggregation with (Poly)Logarithmic Overhead", CCS 2020.
 */
public final class SecureSum implements SecureAggregator, Aggregator.Masked.Forwarding {

    /** The largest cohort unless set: {@value}. */
    public static final int DEFAULT_LARGEST_COHORT = 1 << 14;

    private static final int MOST_THREADS = 8;

    private final SummedRule rule;
    private final ThreatModel threatModel;
    private final int threads;

    private SecureSum(SummedRule rule, ThreatModel threatModel, int threads) {
        this.rule = rule;
        this.threatModel = threatModel;
        this.threads = threads;
    }

    /**
     * A masked sum against a curious server, every client masking with every other.
     *
     * @param numbers how real numbers become integers; segments with a grid of their own need none
     */
    public static SecureSum on(LinearAggregator rule, FixedPoint numbers) {
        return of(new SummedRule.Plain(rule, numbers));
    }

    /**
     * A masked sum to which every client adds its share of a privacy mechanism's noise, so that nobody holds a sum without noise. Against
     * a curious server, or {@link #malicious one that may lie} on the complete graph, where every client checks how many survivors
     * there are before it unmasks.
     *
     * <p>The noise that is counted is that of the threshold, or on a sparse graph of all clients but those that may drop out, less the
     * adversarial share of the cohort: {@link #tolerating}.
     */
    public static SecureSum on(DistributedNoise noise) {
        return of(new SummedRule.Noised(noise));
    }

    private static SecureSum of(SummedRule rule) {
        return new SecureSum(
                rule,
                ThreatModel.curious(DropoutTolerance.DEFAULT),
                Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
    }

    /**
     * A masked sum of a rule whose segments all have a grid or a bound, such as a clipped mean.
     */
    public static SecureSum on(LinearAggregator rule) {
        return on(rule, FixedPoint.UNSTATED);
    }

    /**
     * Returns a copy with another tolerance.
     *
     * @param tolerance how many clients may collude with the server, and how many may drop out
     * @throws IllegalArgumentException if no cohort of any size meets it in this setting
     */
    public SecureSum tolerating(DropoutTolerance tolerance) {
        return with(threatModel.with(tolerance));
    }

    /**
     * Returns a copy for cohorts of a least size: the server begins no smaller round, and a client rejects its
     * announcement. This prevents a lying server from choosing a cohort in which one honest client is alone with colluding
     * ones.
     *
     * @param clients at least 2, which is the default; {@link #ofAtMost} is raised to it if it is less
     * @throws IllegalArgumentException if it is less
     */
    public SecureSum ofAtLeast(int clients) {
        // A sum over one client is its contribution.
        Check.atLeast("smallest cohort", clients, 2);
        return with(threatModel.ofAtLeast(clients));
    }

    /**
     * Returns a copy for cohorts of a greatest size: the server begins no larger round, and a client rejects its
     * announcement, so that no announcement makes the client reserve memory and compute for clients that do not exist. {@link
     * #begin} throws for a larger cohort, also if its size was drawn at random: most likely every cohort of the run would be too
     * large. A private rule whose expected cohort is larger is rejected before it is charged.
     *
     * @param clients at least that of {@link #ofAtLeast}; {@value #DEFAULT_LARGEST_COHORT} unless set
     * @throws IllegalArgumentException if it is less
     */
    public SecureSum ofAtMost(int clients) {
        Check.atLeast("largest cohort", clients, threatModel.smallestCohort());
        return with(threatModel.ofAtMost(clients));
    }

    /**
     * Returns a copy on a sparse random graph: from 100 clients on, a client masks with so few others that cost and
     * bytes both grow with the logarithm of the cohort. The security is statistical, 40 bits, and all clients except those that
     * may drop out must reach the end.
     *
     * @throws IllegalStateException against a malicious server
     */
    public SecureSum onSparseGraph() {
        if (threatModel.adversary() == Adversary.MALICIOUS) {
            throw new IllegalStateException("against a malicious server the graph is complete; a sparse one is for"
                    + " .semiMalicious(...) and for a curious server");
        }
        return with(threatModel.onSparseGraph());
    }

    /**
     * Returns a copy against a server that collects keys honestly and may lie afterwards, on a sparse graph that the keys decide.
     *
     * @param directory the clients' public keys
     * @param signer signs for the clients in this JVM
     * @throws IllegalArgumentException if no cohort of any size meets the tolerance in this setting
     * @throws IllegalStateException if clients add the noise: on a sparse graph they cannot verify how many survived
     */
    public SecureSum semiMalicious(IdentityDirectory directory, IdentityDirectory.Signer signer) {
        if (rule instanceof SummedRule.Noised) {
            throw new IllegalStateException(
                    "where clients add the noise, a server that may lie is withstood on the complete"
                            + " graph only, on which every client verifies how many survived; use .malicious(...), not"
                            + " .semiMalicious(...)");
        }
        return with(threatModel.against(Adversary.SEMI_MALICIOUS, directory, signer));
    }

    /**
     * Returns a copy against a server that may lie at any time, on the complete graph, also after {@link #onSparseGraph}.
     *
     * @param directory the clients' public keys
     * @param signer signs for the clients in this JVM
     * @throws IllegalArgumentException if no cohort of any size meets the tolerance in this setting
     */
    public SecureSum malicious(IdentityDirectory directory, IdentityDirectory.Signer signer) {
        return with(threatModel.against(Adversary.MALICIOUS, directory, signer));
    }

    /**
     * Returns a copy that removes masks, the dominant cost of the server, on this many threads. Each but the first
     * holds a vector as long as the sum, of 4 or 8 bytes a coordinate.
     *
     * @param count at least 1; unless set as many as there are processors, and {@value #MOST_THREADS} at most
     * @throws IllegalArgumentException if it is less
     */
    public SecureSum unmaskingOn(int count) {
        Check.atLeast("threads", count, 1);
        return new SecureSum(rule, threatModel, count);
    }

    private SecureSum with(ThreatModel other) {
        return new SecureSum(rule, other, threads);
    }

    @Override
    public LinearAggregator inner() {
        return rule.rule();
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return taskVectors(inner(), context);
    }

    /** Checks first that clients can begin the rule too. */
    static Map<String, ModelDelta> taskVectors(LinearAggregator rule, RoundContext context) {
        LinearRound round = rule.begin(context);
        requireBegunFrom(rule, context.shared(round.publicState()));
        return round.taskVectors();
    }

    /**
     * What every client would fail at is the rule's mistake, found before anything is charged: under a private rule nobody would
     * hear of it from them.
     */
    private static void requireBegunFrom(LinearAggregator rule, RoundContext.PublicPart shared) {
        LinearRound atClients = rule.begin(RoundContext.ofParticipant("every client", rule, shared));
        atClients.segments();
        atClients.encoder();
    }

    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard(threatModel)
                .map(guard -> new CohortGuard(guard.underMasks(), "SecureSum", threatModel.largestCohort()));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the sum of so many contributions could wrap, the cohort is larger than
     *     {@link #ofAtMost}, or one of so many cannot meet the tolerance and its size was not drawn at random; the message has
     *     the arithmetic, unless the rule is private
     */
    @Override
    public SecureRound begin(RoundContext context, List<ClientId> cohort) {
        return ServerSession.begin(rule, threatModel, context, cohort, threads);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The participant throws {@link ProtocolViolationException} on a message that no honest server sends.
     */
    @Override
    public SecureAggregator.Participant participant(ClientId self) {
        return new ClientSession(rule, threatModel, self, new SecureRandom());
    }

    @Override
    public String toString() {
        return "SecureSum(" + threatModel.adversary() + (threatModel.sparse() ? ", sparse" : "") + ", "
                + threatModel.tolerance() + ", " + rule;
    }

    /** The stages of a round, in order, for tests in which clients drop out at one of them. */
    public enum Stage {
        /** A client sends its public keys. */
        ADVERTISE(ProtocolStage.ADVERTISE),
        /** It deals shares of its secrets to the others. */
        SHARE_KEYS(ProtocolStage.SHARE_KEYS),
        /** It trains and sends its masked update. */
        MASKED_INPUT(ProtocolStage.MASKED_INPUT),
        /** It signs the list of those whose updates arrived; against servers that may lie only. */
        CONSISTENCY(ProtocolStage.CONSISTENCY),
        /** It reveals its shares of what removes the masks. */
        UNMASK(ProtocolStage.UNMASK);

        private final ProtocolStage stage;

        Stage(ProtocolStage stage) {
            this.stage = stage;
        }

        /**
         * Whether a message asks a client for its answer in this stage.
         *
         * @param message of the server to a client, whole; whether it is genuine is not checked
         */
        public boolean asks(byte[] message) {
            return stage.asks(message);
        }
    }

    /** A guard that rejects rounds whose expected cohort is too large: each would be charged and then fail. */
    record CohortGuard(PrivacyBudgetGuard guard, String sum, int largestCohort) implements PrivacyBudgetGuard {

        @Override
        public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
            guard.open(run, drawn, round, ledger);
        }

        @Override
        public Permit admit(RoundContext context, ComponentState ledger) {
            if (expectedCohort(context) > largestCohort) {
                throw new IllegalArgumentException("round " + context.round() + ": the expected cohort of "
                        + context.sampling()
                        + " is larger than " + sum
                        + "'s .ofAtMost(...) allows; raise it, at the clients as well, or choose smaller"
                        + " cohorts");
            }
            return guard.admit(context, ledger);
        }

        /** 0 for schemes whose cohorts are unknown. */
        private static double expectedCohort(RoundContext context) {
            if (context.sampling() instanceof SamplingScheme.Poisson poisson) {
                return poisson.probability() * context.population();
            }
            if (context.sampling() instanceof SamplingScheme.FixedSize fixed) {
                return Math.min(fixed.size(), context.population());
            }
            return context.sampling() instanceof SamplingScheme.EveryClient ? context.population() : 0;
        }
    }

    /**
     * A client, or a server of a {@link SharedSum}, received a message that it must not answer: one that was altered or is not due, terms that are not its own, lists that
     * contradict each other. A message without the server's seal changes nothing, and the right one may still arrive; after a sealed
     * one the client drops out of the round. None of its secrets has been sent.
     */
    public static final class ProtocolViolationException extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        /**
         * An exception with a message.
         *
         * @param message who, in which round, who sent what, and what was expected
         */
        public ProtocolViolationException(String message) {
            super(message);
        }
    }
}
