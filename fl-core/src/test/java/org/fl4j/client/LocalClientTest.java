package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fl4j.ClientId;
import org.fl4j.compression.Uplink;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.StoredRounds;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;

class LocalClientTest {

    private static final ClientId ANN = new ClientId("ann");

    /** Mean [1, 2]; from [9, 2], one full step of rate 1/2 leads to [5, 2], at a loss of 34.5 before it. */
    private static final double[][] POINTS = {{0, 4}, {2, 0}};

    private static final ModelWeights GLOBAL = QuadraticModel.weightsOf(9, 2);
    private static final LocalTraining ONE_STEP =
            LocalTraining.steps(1).withBatchSize(2).withLearningRate(0.5);

    private static final ObjectiveSpec PULLED = ObjectiveSpec.of("pulled", "mu", 3);

    private final ModelPool<QuadraticModel> pool = ModelPool.of(() -> new QuadraticModel(2));
    private final ClientStateStore store = ClientStateStore.inMemory();
    private final List<String> seen = new ArrayList<>();

    @Test
    void trainsFromTheGlobalWeightsAndSendsTheDisplacement() {
        ClientUpdate update = LocalClient.of(ANN, POINTS, pool).train(task(4, ObjectiveSpec.EMPIRICAL_RISK));

        assertEquals(
                new ClientUpdate(
                        ANN,
                        4,
                        0,
                        ModelDelta.of(GLOBAL.layout(), -4, 0),
                        2,
                        Map.of(),
                        Map.of(ClientUpdate.LOSS, 34.5, ClientUpdate.STEPS, 1.0),
                        ObjectiveSpec.EMPIRICAL_RISK),
                update);
    }

    /** 0 would count as a perfect fit. */
    @Test
    void withoutAStepThereIsNoLoss() {
        TrainingTask task = new TrainingTask(
                4, GLOBAL, ONE_STEP.withBatchSize(3).withSmallestBatch(3), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1);

        ClientUpdate update = LocalClient.of(ANN, POINTS, pool).train(task);

        assertEquals(ModelDelta.zero(GLOBAL.layout()), update.delta());
        assertEquals(2, update.numExamples());
        assertEquals(Map.of(ClientUpdate.STEPS, 0.0), update.scalars());
    }

    @Test
    void whatAPooledModelDidBeforeDoesNotMatter() {
        pool.with(model -> model.train(new double[][] {{1e6, 1e6}}, ONE_STEP, 1));
        LocalClient<double[][]> client = LocalClient.of(ANN, POINTS, pool);

        ClientUpdate first = client.train(task(4, ObjectiveSpec.EMPIRICAL_RISK));

        assertEquals(ModelDelta.of(GLOBAL.layout(), -4, 0), first.delta());
        assertEquals(first, client.train(task(4, ObjectiveSpec.EMPIRICAL_RISK)));
    }

    @Test
    void evaluatesTheGivenWeights() {
        // At the origin (16 + 4) / 4.
        assertEquals(
                new Evaluation(2, 5, List.of()),
                LocalClient.of(ANN, POINTS, pool).evaluate(new EvaluationTask(4, QuadraticModel.weightsOf(0, 0))));
    }

    @Test
    void trainsWithTheCorrectionOfAnObjective() {
        long token = beginAfterEmptyRounds(4);
        ClientUpdate update = withPull().train(pulledTask(4, token));

        // The gradient at the anchor [9, 2] is as without the pull for the first step.
        assertEquals(ModelDelta.of(GLOBAL.layout(), -4, 0), update.delta());
        assertEquals(PULLED, update.objective());
        // From [5, 2] the second step goes by 0.5 * ((5 - 1) + 3 * (5 - 9)) = -4: back to [9, 2].
        TrainingTask twoSteps = new TrainingTask(
                4, GLOBAL, LocalTraining.steps(2).withBatchSize(2).withLearningRate(0.5), PULLED, Map.of(), 1);
        assertEquals(
                ModelDelta.zero(GLOBAL.layout()), withPull().train(twoSteps).delta());
    }

    @Test
    void theSessionSeesReportAndDeltaAndAddsToTheUpdate() {
        ClientUpdate update = withPull().train(pulledTask(4, beginAfterEmptyRounds(4)));

        assertEquals(
                List.of(
                        "begin pulled(mu=3.0) at loss 34.5 remembering ComponentState[ v1, []]",
                        "finish " + new LocalTraining.Report(2, 1, OptionalDouble.of(0.5), 34.5) + " -4.0"),
                seen);
        assertEquals(Map.of("twice", ModelDelta.of(GLOBAL.layout(), -8, 0)), update.vectors());
        assertEquals(Map.of("double steps", 2.0, ClientUpdate.STEPS, 1.0, ClientUpdate.LOSS, 34.5), update.scalars());
    }

    /** After training it would be the loss of the local weights. */
    @Test
    void globalLossThrowsAfterTraining() {
        assertEquals(
                "client 'ann', round 4: globalLoss was called after local training, when the model no longer holds the"
                        + " global weights; call it in begin",
                assertThrows(
                                IllegalStateException.class,
                                () -> LocalClient.of(ANN, POINTS, pool)
                                        .withObjectives(List.of(new AsksLate()))
                                        .train(task(4, PULLED)))
                        .getMessage());
    }

    @Test
    void whatTheSessionRemembersIsStagedWithTheRound() {
        withPull().train(pulledTask(4, beginAfterEmptyRounds(4)));
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.commit(4, List.of(ANN));
        assertEquals(4, store.read(ANN).longValue("round"));

        withPull().train(pulledTask(5, store.begin(5)));
        assertEquals("begin pulled(mu=3.0) at loss 34.5 remembering ComponentState[pulled v1, [round]]", seen.get(2));
        store.commit(5, List.of());
        assertEquals(4, store.read(ANN).longValue("round"));
    }

    @Test
    void evaluatesOnWhatItIsGivenForThat() {
        EvaluationTask task = new EvaluationTask(4, GLOBAL);
        LocalClient<double[][]> held = LocalClient.of(ANN, POINTS, pool).evaluatingOn(new double[][] {{7, 7}});
        assertEquals(1, held.evaluate(task).examples());
        assertEquals(2, LocalClient.of(ANN, POINTS, pool).evaluate(task).examples());
        assertEquals(2, held.train(task(4, ObjectiveSpec.EMPIRICAL_RISK)).numExamples());
    }

    @Test
    void plainRiskBypassesTheObjectives() {
        ClientUpdate update = withPull().train(task(4, ObjectiveSpec.EMPIRICAL_RISK));

        assertEquals(ModelDelta.of(GLOBAL.layout(), -4, 0), update.delta());
        assertEquals(List.of(), seen);
    }

    @Test
    void rejectsAnUnknownObjectiveByName() {
        assertEquals(
                "client 'ann', round 4: the task asks for pulled(mu=3.0) but this client knows [] and empirical-risk; "
                        + "let the rule return it as localObjective(), or give it to the clients with withObjective",
                assertThrows(
                                ObjectiveSpec.UnknownException.class,
                                () -> LocalClient.of(ANN, POINTS, pool).train(task(4, PULLED)))
                        .getMessage());
        assertEquals(
                "client 'ann', round 4: the task asks for tilted(t=1.0) but this client knows [pulled] and "
                        + "empirical-risk; let the rule return it as localObjective(), or give it to the clients with"
                        + " withObjective",
                assertThrows(
                                ObjectiveSpec.UnknownException.class,
                                () -> withPull().train(task(4, ObjectiveSpec.of("tilted", "t", 1))))
                        .getMessage());
    }

    @Test
    void anObjectiveReplacesOneOfItsName() {
        LocalClient<double[][]> client =
                LocalClient.of(ANN, POINTS, pool).withObjectives(List.of(new AsksLate(), new Forgets()));

        assertEquals(
                ModelDelta.of(GLOBAL.layout(), -4, 0),
                client.train(task(4, PULLED)).delta());
    }

    @Test
    void aPlainModelRejectsAnObjective() {
        ModelPool<Model<double[][]>> plain = ModelPool.of(() -> new WithoutGradients(new QuadraticModel(2)));
        LocalClient<double[][]> client = LocalClient.of(ANN, POINTS, plain).withObjectives(List.of(new Forgets()));
        String why = "the task asks for pulled(mu=3.0), which needs a GradientModel, but"
                + " org.fl4j.client.LocalClientTest$WithoutGradients is a plain Model; implement GradientModel, or use a rule"
                + " whose clients minimise empirical risk";

        assertEquals(Optional.of(why), client.objection(task(4, PULLED)));
        assertEquals(
                "client 'ann', round 4: " + why,
                assertThrows(ObjectiveSpec.UnknownException.class, () -> client.train(task(4, PULLED)))
                        .getMessage());
        assertEquals(Optional.empty(), client.objection(task(4, ObjectiveSpec.EMPIRICAL_RISK)));
        assertEquals(
                ModelDelta.of(GLOBAL.layout(), -4, 0),
                client.train(task(4, ObjectiveSpec.EMPIRICAL_RISK)).delta());
    }

    @Test
    void rejectsAMemoryOfAnObjectiveThatDeclaresNone() {
        Client client = ClientProvider.local(List.of(ANN), id -> POINTS, pool)
                .withObjective(new Pulled(false))
                .rememberingIn(store)
                .client(ANN);
        assertEquals(
                "the objective 'pulled' has something to remember, but its remembers() is false; override it",
                assertThrows(IllegalStateException.class, () -> client.train(pulledTask(4, beginAfterEmptyRounds(4))))
                        .getMessage());
    }

    /** Without one that does, runs of other rules leave the store on the heap alone. */
    @Test
    void theStoreOnTheHeapIsClaimedOnlyForAnObjectiveThatRemembers() {
        ClientProvider clients = ClientProvider.local(List.of(ANN), id -> POINTS, pool);

        assertSame(ClientStateStore.none(), clients.clientStates());
        assertSame(ClientStateStore.none(), clients.withObjective(new Forgets()).clientStates());
        ClientProvider remembering = clients.withObjective(new Pulled(true));
        assertNotSame(ClientStateStore.none(), remembering.clientStates());
        assertSame(remembering.clientStates(), remembering.remote().clientStates());
        assertSame(store, clients.rememberingIn(store).clientStates());
        assertSame(store, clients.remote().rememberingIn(store).clientStates());
    }

    /** With what it decorates, whichever comes first. */
    @Test
    void aDecoratedClientKnowsTheObjectiveToo() {
        List<ClientId> asked = new ArrayList<>();
        ClientProvider clients = ClientProvider.of(List.of(ANN), id -> LocalClient.of(id, POINTS, pool))
                .decorated(client -> {
                    asked.add(client.id());
                    return client;
                })
                .remote()
                .withObjective(new Forgets());

        assertTrue(clients.areRemote());
        assertEquals(Optional.empty(), clients.client(ANN).objection(task(4, PULLED)));
        assertEquals(List.of(ANN), asked);
    }

    private LocalClient<?> withPull() {
        return (LocalClient<?>) ClientProvider.local(List.of(ANN), id -> POINTS, pool)
                .withObjective(new Pulled(true))
                .rememberingIn(store)
                .client(ANN);
    }

    /** Begins a round of a run whose rounds before it left nothing. */
    private long beginAfterEmptyRounds(int round) {
        store.claim(StoredRounds.RUN, 0);
        for (int earlier = 1; earlier < round; earlier++) {
            store.begin(earlier);
            store.commit(earlier, List.of());
        }
        return store.begin(round);
    }

    private static TrainingTask pulledTask(int round, long token) {
        return new TrainingTask(
                round,
                0,
                token,
                GLOBAL,
                ONE_STEP,
                PULLED,
                PersonalTraining.JOINT,
                Uplink.NONE,
                Map.of(),
                1,
                Delivery.NONE);
    }

    private static TrainingTask task(int round, ObjectiveSpec objective) {
        return new TrainingTask(round, GLOBAL, ONE_STEP, objective, Map.of(), 1);
    }

    private static final class AsksLate implements LocalObjective {

        @Override
        public String name() {
            return "pulled";
        }

        @Override
        public Session begin(LocalObjective.Context context) {
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.none();
                }

                @Override
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                    return new Extras(Map.of(), Map.of("loss-before", context.globalLoss()), ComponentState.EMPTY);
                }
            };
        }
    }

    /** Adds nothing and remembers nothing. */
    private static final class Forgets implements LocalObjective {

        @Override
        public String name() {
            return "pulled";
        }

        @Override
        public Session begin(LocalObjective.Context context) {
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.none();
                }

                @Override
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                    return Extras.NONE;
                }
            };
        }
    }

    /** Only what a plain model can. */
    private record WithoutGradients(QuadraticModel model) implements Model<double[][]> {

        @Override
        public ParameterLayout layout() {
            return model.layout();
        }

        @Override
        public ModelWeights weights() {
            return model.weights();
        }

        @Override
        public void load(ModelWeights weights) {
            model.load(weights);
        }

        @Override
        public LocalTraining.Report train(double[][] data, LocalTraining how, long seed) {
            return model.train(data, how, seed);
        }

        @Override
        public Evaluation evaluate(double[][] data) {
            return model.evaluate(data);
        }
    }

    /** A pull towards the global weights that keeps a diary. */
    private final class Pulled implements LocalObjective {

        private final boolean remembers;

        Pulled(boolean remembers) {
            this.remembers = remembers;
        }

        @Override
        public boolean remembers() {
            return remembers;
        }

        @Override
        public String name() {
            return "pulled";
        }

        @Override
        public Session begin(LocalObjective.Context context) {
            TrainingTask task = context.task();
            seen.add("begin " + task.objective() + " at loss " + context.globalLoss() + " remembering "
                    + context.remembered());
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.towards(
                            task.global(), task.objective().parameter("mu"));
                }

                @Override
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
                    seen.add("finish " + report + " " + delta.get(0));
                    return new Extras(
                            Map.of("twice", delta.times(2)),
                            Map.of("double steps", 2.0 * report.steps()),
                            ComponentState.of("pulled", 1).with("round", (long) task.round()));
                }
            };
        }
    }
}
