package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
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
 * @param begun the round of the rule, and its steps and widths
 * @param round counted from 1
 * @param isPrivate whether the rule spends a privacy budget: then logs must not name participants
 */
record SessionTerms(
        ThreatModel threatModel, GraphParameters graph, SummedRule.Begun begun, int round, boolean isPrivate) {

    private static final int ROOM = 1 << 16;

    static SessionTerms of(SummedRule rule, ThreatModel threatModel, RoundContext context, int clients) {
        GraphParameters graph = threatModel.graph(clients);
        return new SessionTerms(
                threatModel, graph, rule.begin(context, graph, threatModel), context.round(), rule.isPrivate());
    }

    LinearRound summed() {
        return begun.round();
    }

    VectorPlan plan() {
        return begun.plan();
    }

    List<Segment> segments() {
        return summed().segments();
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
        return ROOM + shares + (stage == ProtocolStage.MASKED_INPUT ? plan().packedBytes() : 0);
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
                .with(plan().fingerprint())
                .with(begun.terms())
                .digest();
    }
}
