package org.fl4j.benchmarks.training;

import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.simulation.Population;

/**
 * Who trains what, and how.
 *
 * @param data what the clients' examples are
 * @param heldOut what the server evaluates on
 * @param network a new one on every call, all of the same weights
 * @param cohort clients a round
 * @param rounds how many, unless told otherwise
 * @param evaluateEvery so many rounds, and after the last
 */
record Workload(
        String data,
        Population population,
        Examples heldOut,
        Supplier<MultiLayerNetwork> network,
        LocalTraining localTraining,
        int cohort,
        int rounds,
        int evaluateEvery) {

    Workload lasting(int otherRounds, int otherEvery) {
        return new Workload(data, population, heldOut, network, localTraining, cohort, otherRounds, otherEvery);
    }
}
