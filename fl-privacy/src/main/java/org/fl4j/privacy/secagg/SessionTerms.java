package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.cohort.SurvivorRequirement;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;

/**
 * The terms that server and client each derive from their own configuration and the cohort's size, and compare: a server cannot
 * impose a lower threshold or a narrower ring on a client.
 *
 * @param threatModel against whom
 * @param graph degree and threshold
 * @param summed the round of the rule
 * @param plan steps and widths
 * @param round counted from 1
 * @param isPrivate whether the rule spends a privacy budget: then logs must not name participants
 */
record SessionTerms(
        ThreatModel threatModel,
        GraphParameters graph,
        LinearRound summed,
        VectorPlan plan,
        int round,
        boolean isPrivate) {

    private static final int ROOM = 1 << 16;

    static SessionTerms of(
            LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, RoundContext context, int clients) {
        GraphParameters graph = threatModel.graph(clients);
        LinearRound summed = rule.begin(context);
        List<Segment> segments = summed.segments();
        boolean isPrivate = rule.isPrivate();
        requireCharged(segments, isPrivate);
        return new SessionTerms(
                threatModel,
                graph,
                summed,
                VectorPlan.of(segments, numbers.scales(), clients),
                context.round(),
                isPrivate);
    }

    /** Noise must be charged to a guard, and added in the ring, before anything reveals the sum without noise. */
    static void requireCharged(List<Segment> segments, boolean isPrivate) {
        for (Segment segment : segments) {
            if (segment.noise() > 0 && !isPrivate) {
                throw new IllegalStateException("segment '" + segment.name() + "': a rule that adds noise must have a"
                        + " guard; does a wrapper not pass on the guard of its rule?");
            }
            if (segment.grid().isEmpty() && isPrivate) {
                throw new IllegalStateException(
                        "segment '" + segment.name() + "': under masks every segment of a private"
                                + " rule needs a grid, as noise is added in whole steps");
            }
        }
    }

    List<Segment> segments() {
        return summed.segments();
    }

    int clients() {
        return graph.clients();
    }

    int threshold() {
        return graph.threshold();
    }

    boolean isSignedBy(ClientId client, byte[] message, byte[] signature) {
        return threatModel.isSignedBy(client, message, signature, isPrivate);
    }

    /** Why a client's keys are not signed, if they are not. */
    Optional<String> refusal(KeyAdvertisement advertisement) {
        return threatModel.refusal(advertisement, isPrivate);
    }

    boolean isComplete() {
        return graph.isComplete();
    }

    SurvivorRequirement survivorRequirement() {
        return new SurvivorRequirement(graph, round);
    }

    /** Whether the seed of a sparse graph is the hash of the keys. */
    boolean seedIsOfKeys() {
        return !isComplete() && threatModel.signs();
    }

    NeighbourGraph neighbours(byte[] seed) {
        return isComplete()
                ? NeighbourGraph.complete(clients())
                : NeighbourGraph.harary(clients(), graph.degree(), seed);
    }

    /** The holders of a client's shares among those present, in order: its neighbours, and itself on the complete graph. */
    int[] holders(NeighbourGraph neighbours, int dealer, IndexSet present) {
        if (isComplete()) {
            return present.toArray();
        }
        return Arrays.stream(neighbours.neighbours(dealer))
                .filter(present::contains)
                .toArray();
    }

    /** How many others must have signed the survivors; on the complete graph a client counts itself. */
    int signaturesOfOthers() {
        return isComplete() ? threshold() - 1 : threshold();
    }

    /** The longest answer that can be due, with room for a long id. */
    long longestAnswer(ProtocolStage stage) {
        long shares = (long) clients() * (ShareDealing.COMMITMENT_BYTES + ShareDealing.BOX_BYTES);
        return ROOM + shares + (stage == ProtocolStage.MASKED_INPUT ? plan.packedBytes() : 0);
    }

    byte[] fingerprint() {
        return Sha256.of("terms")
                .with(round)
                .with(threatModel.adversary().name())
                .with(Double.doubleToLongBits(threatModel.tolerance().adversarialRate()))
                .with(Double.doubleToLongBits(threatModel.tolerance().dropoutRate()))
                .with(threatModel.smallestCohort())
                .with(clients())
                .with(graph.degree())
                .with(threshold())
                .with(graph.minimumSurvivors())
                .with(plan.fingerprint())
                .digest();
    }
}
