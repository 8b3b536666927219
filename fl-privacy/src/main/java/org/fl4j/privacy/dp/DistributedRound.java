package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.privacy.dp.NoiseLattice.Part;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * A bounded rule's round on a lattice, with noise of each client.
 *
 * @param inner the rule's round
 * @param checked its encoder, held to its bounds
 * @param cohort steps, noise and width
 * @param sampler one client's noise
 * @param seed of signs and rounding; public
 * @param source where noise comes from
 * @param name of the noise
 */
record DistributedRound(
        BoundedRound inner,
        UpdateEncoder checked,
        CohortLattice cohort,
        Supplier<NoiseLaw.Sampler> sampler,
        long seed,
        Supplier<AesCtrBits> source,
        String name)
        implements NoisedRound {

    /** Values of noise at a time; those beyond the end of a segment are not used. */
    private static final int DRAWN = 1 << 10;

    @Override
    public Map<String, ModelDelta> taskVectors() {
        return inner.taskVectors();
    }

    @Override
    public Optional<ComponentState> publicState() {
        return inner.publicState();
    }

    @Override
    public List<Integer> bits() {
        return cohort.bits();
    }

    @Override
    public double wrapProbability() {
        return cohort.wraps();
    }

    /** In steps. */
    @Override
    public List<Segment> segments() {
        List<Segment> segments = new ArrayList<>();
        for (int s = 0; s < bits().size(); s++) {
            Part part = part(s);
            segments.add(new Segment(
                    part.segment().name(), part.length(), Math.scalb(1.0, bits().get(s) - 1), OptionalDouble.of(1)));
        }
        return segments;
    }

    @Override
    public UpdateEncoder encoder() {
        return new UpdateEncoder() {
            @Override
            public Contribution encode(ClientUpdate update) {
                return encode(update, 1);
            }

            @Override
            public Contribution encode(ClientUpdate update, double damping) {
                return noised(rounded(
                        checked.encode(update, damping),
                        Seeds.derive(seed, update.round(), update.client().value(), "conditional rounding")));
            }
        };
    }

    @Override
    public UpdateEncoder.Contribution nothing() {
        return noised(cohort.lattice().segments().stream()
                .map(part -> new double[part.length()])
                .toList());
    }

    /** The integers of each segment, without noise. */
    private List<double[]> rounded(UpdateEncoder.Contribution contribution, long coins) {
        Summand real = Summand.zero(inner.segments());
        try {
            contribution.addTo(real);
            DeterministicRandom random = new DeterministicRandom(coins);
            List<double[]> integers = new ArrayList<>();
            for (int s = 0; s < bits().size(); s++) {
                integers.add(rounded(s, real, random));
            }
            return integers;
        } finally {
            real.erase();
        }
    }

    private double[] rounded(int s, Summand real, DeterministicRandom random) {
        Part part = part(s);
        double grid = part.segment().grid().orElseThrow();
        double[] values = real.toArray(part.segment().name());
        float[] steps = BlockRotation.padded(values, grid / part.step(), part.length());
        try {
            if (part.isRotated()) {
                rotation(s).forward(steps);
            }
            double[] integers = new double[steps.length];
            ConditionalRounding.round(steps, part.squares(), random, integers);
            return integers;
        } finally {
            Arrays.fill(values, 0);
            Arrays.fill(steps, 0);
        }
    }

    /** Adds noise to integers, which are changed, modulo 2^k. */
    private UpdateEncoder.Contribution noised(List<double[]> integers) {
        NoiseLaw.Sampler law = sampler.get();
        long[] noise = new long[DRAWN];
        try (AesCtrBits fresh = source.get()) {
            for (int s = 0; s < integers.size(); s++) {
                double[] values = integers.get(s);
                int unused = Long.SIZE - bits().get(s);
                for (int from = 0; from < values.length; from += noise.length) {
                    law.fill(noise, fresh);
                    int to = Math.min(values.length, from + noise.length);
                    for (int i = from; i < to; i++) {
                        values[i] = ((long) values[i] + noise[i - from]) << unused >> unused;
                    }
                }
            }
        } finally {
            Arrays.fill(noise, 0);
        }
        return sum -> {
            for (int s = 0; s < integers.size(); s++) {
                sum.add(part(s).segment().name(), integers.get(s));
                Arrays.fill(integers.get(s), 0);
            }
        };
    }

    /** Of a sum with its noise, centred. */
    @Override
    public Aggregation.Result decode(Summand total) {
        Summand real = Summand.zero(inner.segments());
        for (int s = 0; s < bits().size(); s++) {
            Part part = part(s);
            double grid = part.segment().grid().orElseThrow();
            float[] steps = BlockRotation.padded(total.toArray(part.segment().name()), 1, part.length());
            if (part.isRotated()) {
                rotation(s).backward(steps);
            }
            double[] values = new double[Math.toIntExact(part.segment().length())];
            for (int i = 0; i < values.length; i++) {
                values[i] = steps[i] * (part.step() / grid);
            }
            real.add(part.segment().name(), values);
        }
        return inner.decode(real);
    }

    @Override
    public String terms() {
        StringBuilder terms = new StringBuilder(name)
                .append(' ')
                .append(cohort.clients())
                .append(' ')
                .append(cohort.variance());
        for (Part part : cohort.lattice().segments()) {
            terms.append(' ')
                    .append(part.segment().name())
                    .append(' ')
                    .append(part.block())
                    .append(' ')
                    .append(part.length())
                    .append(' ')
                    .append(part.step())
                    .append(' ')
                    .append(part.squares());
        }
        return terms.toString();
    }

    private Part part(int s) {
        return cohort.lattice().segments().get(s);
    }

    private BlockRotation rotation(int s) {
        return new BlockRotation(
                part(s).block(), Seeds.derive(seed, part(s).segment().name()));
    }
}
