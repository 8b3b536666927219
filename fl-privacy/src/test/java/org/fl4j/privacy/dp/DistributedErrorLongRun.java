package org.fl4j.privacy.dp;

import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/**
 * The error of a sum to which 1,000 clients add the noise, and its width, against noise of the same variance that a server adds to the
 * exact sum. Arguments: clients, honest survivors, coordinates, {@code aligned} or {@code random}, noise multipliers. All clients send the
 * same delta where they are aligned, along one coordinate.
 */
final class DistributedErrorLongRun {

    private DistributedErrorLongRun() {}

    public static void main(String[] args) {
        int clients = Integer.parseInt(args[0]);
        int honest = Integer.parseInt(args[1]);
        int length = Integer.parseInt(args[2]);
        boolean aligned = args[3].equals("aligned");
        ParameterLayout layout = Fixtures.layout(length);
        System.out.println("z | law | bits | wrap probability | error / noise of the same variance | ms a client");
        for (int i = 4; i < args.length; i++) {
            double z = Double.parseDouble(args[i]);
            for (NoiseLaw law : new NoiseLaw[] {DistributedGaussian.law(), Skellam.law()}) {
                play(law, z, clients, honest, layout, aligned);
            }
        }
    }

    private static void play(NoiseLaw law, double z, int clients, int honest, ParameterLayout layout, boolean aligned) {
        DistributedNoise noise = DistributedNoise.of(ClippedMean.fixed(1).dividingBy(1), z, law);
        RoundContext context = Releases.context(layout.length(), clients);
        DistributedRound round = (DistributedRound) noise.begin(context, clients, honest);
        double[] exact = new double[layout.length()];
        Summand sum = Summand.zero(round.segments());
        long nanos = 0;
        for (int client = 0; client < clients; client++) {
            double[] delta = delta(client, layout.length(), aligned);
            IntStream.range(0, exact.length).forEach(i -> exact[i] += delta[i]);
            ClientUpdate update = update(client, ModelDelta.of(layout, delta));
            long start = System.nanoTime();
            UpdateEncoder.Contribution contribution = round.encoder().encode(update);
            nanos += System.nanoTime() - start;
            contribution.addTo(sum);
        }
        // What the ring makes of the sum: a coordinate beyond it would be off by 2^k.
        double[] residues = sum.toArray();
        int unused = Long.SIZE - round.bits().get(0);
        Summand centred = Summand.zero(round.segments());
        centred.add(IntStream.range(0, residues.length)
                .mapToDouble(i -> (double) ((long) residues[i] << unused >> unused))
                .toArray());
        ModelDelta released = round.decode(centred).aggregate();
        double squares = 0;
        for (int i = 0; i < exact.length; i++) {
            squares += Math.pow(released.get(i) - exact[i], 2);
        }
        double step = round.cohort().lattice().segments().get(0).step();
        double variance = clients * round.cohort().variance() * step * step;
        System.out.printf(
                Locale.ROOT,
                "%s | %s | %d | 2^%.1f | %.4f | %.1f%n",
                z,
                law,
                round.bits().get(0),
                Math.log(round.wrapProbability()) / Math.log(2),
                Math.sqrt(squares / exact.length / variance),
                nanos / 1e6 / clients);
    }

    /** Of norm 1. */
    private static double[] delta(int client, int length, boolean aligned) {
        double[] delta = new double[length];
        if (aligned) {
            delta[length / 3] = 1;
            return delta;
        }
        DeterministicRandom random = new DeterministicRandom(client);
        double norm = 1 / Math.sqrt(length);
        for (int i = 0; i < length; i++) {
            delta[i] = (random.nextLong() < 0 ? -norm : norm) * 0.999;
        }
        return delta;
    }

    private static ClientUpdate update(int client, ModelDelta delta) {
        return new ClientUpdate(
                new ClientId("c" + client), 1, 0, delta, 1, Map.of(), Map.of(), ObjectiveSpec.EMPIRICAL_RISK);
    }
}
