package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/** A model of three coordinates and what else the tests of this package share. All of it is on the heap. */
public final class Toy {

    static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.FLOAT, List.of(ParameterSpec.trainable("W", 2), ParameterSpec.trainable("b", 1)));
    public static final LocalTraining TRAINING = LocalTraining.epochs(1).withLearningRate(0.5);
    static final long SEED = 7;

    private Toy() {}

    public static ServerState start() {
        return ServerState.initial(weights(0, 0, 0), SEED);
    }

    /** After two rounds that left nothing: the next one is round 3. */
    static ServerState afterTwoRounds() {
        return new ServerState(
                2,
                weights(0, 0, 0),
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                SEED);
    }

    static ModelWeights weights(float... values) {
        return ModelWeights.copyOf(LAYOUT, values);
    }

    public static ModelDelta delta(double... values) {
        return ModelDelta.of(LAYOUT, values);
    }

    /** A client that always moves by the same. */
    public static ScriptedPopulation.Training moves(double... values) {
        return (self, task) -> ClientUpdate.of(self, task, delta(values), 1);
    }

    /**
     * A client that goes half the way to a point of its own, and a little anywhere: its update depends on the weights, the
     * client and the task's seed, to the last bit.
     */
    public static ClientUpdate wanders(ClientId self, TrainingTask task) {
        DeterministicRandom home = new DeterministicRandom(self.hashCode());
        DeterministicRandom noise = new DeterministicRandom(task.seed());
        double[] step = new double[LAYOUT.length()];
        for (int i = 0; i < step.length; i++) {
            step[i] = 0.5 * (home.nextGaussian() - task.global().get(i)) + 0.1 * noise.nextGaussian();
        }
        double loss = noise.nextDouble();
        return new ClientUpdate(
                self,
                task.round(),
                task.token(),
                delta(step),
                1 + home.nextInt(100),
                Map.of(),
                Map.of(ClientUpdate.LOSS, loss),
                task.objective());
    }

    /** What became of each client of a round, in words. */
    static List<String> outcomes(RoundResult result) {
        return report(result).outcomes().stream().map(Toy::describe).toList();
    }

    public static RoundResult.Report report(RoundResult result) {
        if (result instanceof RoundResult.Advanced advanced) {
            return advanced.report();
        }
        return ((RoundResult.Abandoned) result).report();
    }

    private static String describe(ClientOutcome<ClientUpdate.Receipt> outcome) {
        if (outcome instanceof ClientOutcome.Failed<ClientUpdate.Receipt> failed) {
            return failed.client() + " failed: " + failed.reason();
        }
        if (outcome instanceof ClientOutcome.Rejected<ClientUpdate.Receipt> rejected) {
            return rejected.client() + " rejected: " + rejected.reason();
        }
        if (outcome instanceof ClientOutcome.TimedOut<ClientUpdate.Receipt> timedOut) {
            return timedOut.client() + " timed out after " + timedOut.after();
        }
        if (outcome instanceof ClientOutcome.NotStarted<ClientUpdate.Receipt> notStarted) {
            return notStarted.client() + " not started in " + notStarted.after();
        }
        if (outcome instanceof ClientOutcome.Busy<ClientUpdate.Receipt> busy) {
            return busy.client() + " busy since round " + busy.round();
        }
        return outcome.client() + (outcome instanceof ClientOutcome.Surplus ? " surplus" : " completed");
    }

    /** The mean rule as one that sees every update, so that it takes the other way through the server. */
    static DirectAggregator unlinear(MeanRule rule) {
        return context -> () -> {
            List<ClientUpdate> updates = new ArrayList<>();
            Aggregation sum = rule.begin(context).aggregation();
            return new Aggregation() {
                @Override
                public Optional<String> refusal(ClientUpdate update) {
                    return sum.refusal(update);
                }

                @Override
                public void add(int position, ClientUpdate update) {
                    updates.add(update);
                    sum.add(position, update);
                }

                @Override
                public Optional<String> shortfall() {
                    return updates.size() == 1 ? Optional.of("one update has no median") : Optional.empty();
                }

                @Override
                public Aggregation.Result finish() {
                    return sum.finish();
                }
            };
        };
    }

    /** A server step that counts its steps. */
    static ServerOptimizer counting() {
        return (round, global, aggregate, state) -> new ServerOptimizer.Step(
                global.plus(aggregate),
                ComponentState.of("counting", 1).with("steps", state.isEmpty() ? 1 : state.longValue("steps") + 1));
    }

    /** A selector that takes every client and counts its selections. */
    static ClientSelector countingSelector() {
        return new ClientSelector() {
            @Override
            public ClientSelector.Selection select(ClientSelector.Context context) {
                ComponentState state = context.state();
                return new ClientSelector.Selection(
                        context.population(),
                        Integer.MAX_VALUE,
                        ComponentState.of("selector", 1)
                                .with("selections", state.isEmpty() ? 1 : state.longValue("selections") + 1));
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.Other("every client, counted");
            }
        };
    }
}
