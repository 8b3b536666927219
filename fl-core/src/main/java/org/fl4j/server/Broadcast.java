package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.compression.CompressedWeights;
import org.fl4j.compression.Downlink;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * The global weights of one round as its clients decode them, and how they travel to a client that holds those of an earlier round.
 *
 * <p>Of deltas the server keeps what the clients decoded last, and the deltas of the last rounds as long as they are shorter together than
 * the weights. Rounds that did not advance leave nothing: nobody holds their weights.
 *
 * <p>Immutable and thread-safe.
 */
final class Broadcast {

    private static final String KIND = "downlink";
    private static final String WEIGHTS = "weights";
    private static final String ROUNDS = "rounds";
    private static final double LARGEST_FP16 = 65504;

    private final ModelWeights weights;
    private final Optional<CompressedWeights> whole;
    private final List<Version> versions;
    private final ComponentState next;

    /** A round that advanced, and its delta from the one before; empty of the first that is kept. */
    private static final class Version {

        private final int round;
        private final byte[] delta;

        Version(int round, byte[] delta) {
            this.round = round;
            this.delta = delta;
        }
    }

    private Broadcast(
            ModelWeights weights, Optional<CompressedWeights> whole, List<Version> versions, ComponentState next) {
        this.weights = weights;
        this.whole = whole;
        this.versions = versions;
        this.next = next;
    }

    /** @param seed of the attempt, for codecs that draw */
    static Broadcast of(Downlink downlink, ServerState state, long seed) {
        if (downlink.isNone()) {
            return new Broadcast(state.weights(), Optional.empty(), List.of(), ComponentState.EMPTY);
        }
        Codec codec = Codec.of(downlink.codec());
        if (!downlink.asDeltas()) {
            ModelWeights zero = ModelWeights.zero(state.weights().layout());
            CompressedWeights sent =
                    CompressedWeights.whole(encoded(codec, state.weights().minus(zero), state, seed));
            return new Broadcast(sent.addedTo(zero), Optional.of(sent), List.of(), ComponentState.EMPTY);
        }
        return ofDeltas(codec, state, seed);
    }

    private static Broadcast ofDeltas(Codec codec, ServerState state, long seed) {
        int round = state.round() + 1;
        ComponentState kept = state.downlink();
        List<Version> versions = new ArrayList<>();
        ModelWeights weights;
        if (kept.isEmpty()) {
            weights = state.weights();
            versions.add(new Version(round, new byte[0]));
        } else {
            versions.addAll(read(kept.expect(KIND, 1)));
            ModelWeights before =
                    ModelWeights.from(kept, WEIGHTS, state.weights().layout());
            CompressedDelta delta = encoded(codec, state.weights().minus(before), state, seed);
            weights = before.plus(delta.decoded());
            versions.add(new Version(round, CompressedWeights.encoded(delta)));
        }
        prune(versions, BinaryWriter.lengthOfFields(state.weights()::writeTo));
        return new Broadcast(weights, Optional.empty(), List.copyOf(versions), state(weights, versions));
    }

    private static CompressedDelta encoded(Codec codec, ModelDelta delta, ServerState state, long seed) {
        if (codec.equals(Codec.fp16())) {
            for (float value : delta.trainableValues()) {
                if (Math.abs(value) > LARGEST_FP16) {
                    throw new IllegalStateException("round " + (state.round() + 1)
                            + ": a global weight is beyond " + LARGEST_FP16
                            + ", the largest that FP16 has, and clients would be sent another; leave out downlink(...), or"
                            + " see why the weights grow");
                }
            }
        }
        return CompressedDelta.of(codec, delta, seed);
    }

    /** Whoever is further behind is sent the weights. */
    private static void prune(List<Version> versions, long whole) {
        long sum = 0;
        for (int i = versions.size() - 1; i > 0; i--) {
            sum += versions.get(i).delta.length;
            if (sum >= whole) {
                versions.subList(0, i).clear();
                return;
            }
        }
    }

    private static ComponentState state(ModelWeights weights, List<Version> versions) {
        ComponentState state = weights.putInto(ComponentState.of(KIND, 1), WEIGHTS);
        double[] rounds = new double[versions.size()];
        for (int i = 0; i < rounds.length; i++) {
            rounds[i] = versions.get(i).round;
            state = state.with("delta-" + i, versions.get(i).delta);
        }
        return state.with(ROUNDS, rounds);
    }

    private static List<Version> read(ComponentState kept) {
        List<Version> versions = new ArrayList<>();
        double[] rounds = kept.doubles(ROUNDS);
        for (int i = 0; i < rounds.length; i++) {
            versions.add(new Version((int) rounds[i], kept.bytes("delta-" + i)));
        }
        return versions;
    }

    /** What the clients of the round train from. */
    ModelWeights weights() {
        return weights;
    }

    /** How they travel to a client that holds nothing. */
    Optional<CompressedWeights> whole() {
        return whole;
    }

    /** How they travel to a client that holds those of an earlier round; empty for as to one that holds nothing. */
    Optional<CompressedWeights> since(int held) {
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).round == held) {
                return Optional.of(CompressedWeights.toHeld(versions.subList(i + 1, versions.size()).stream()
                        .map(version -> version.delta)
                        .toList()));
            }
        }
        return Optional.empty();
    }

    /** What the server keeps if the round advances. */
    ComponentState next() {
        return next;
    }
}
