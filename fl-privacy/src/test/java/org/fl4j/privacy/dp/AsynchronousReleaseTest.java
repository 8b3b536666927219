package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.StalenessWeight;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Central privacy over a buffer: slots, a public divisor, a charge for each release. */
class AsynchronousReleaseTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(2);
    private static final ServerState START = ServerState.initial(ModelWeights.copyOf(LAYOUT, new double[] {0, 0}), 3);

    private final AtomicInteger trained = new AtomicInteger();
    private final List<RoundResult> heard = new ArrayList<>();

    @TempDir
    private Path folder;

    /** Damping after the clip: a long update of staleness s moves the sum by C / sqrt(1 + s), not by C. */
    @Test
    void anUpdateIsClippedBeforeItIsDamped() {
        for (BoundedAggregator rule : List.of(ClippedMean.fixed(1), AdaptiveClippedMean.startingAt(1))) {
            BoundedRound round = rule.begin(Fixtures.context(LAYOUT));
            Summand sum = Summand.zero(round.segments());
            round.encoder()
                    .encode(Fixtures.update(1, ModelDelta.of(LAYOUT, 30, 40)), 0.5)
                    .addTo(sum);
            double grid = round.segments().get(0).grid().getAsDouble();

            assertEquals(0.3, grid * sum.get(Segment.DELTA, 0), 1e-5, rule.toString());
            assertEquals(0.4, grid * sum.get(Segment.DELTA, 1), 1e-5, rule.toString());
        }
    }

    /** Client 1, which moves by 1 and is clipped to 0.5, arrives second with a staleness of 1: it moves the weights by 0.25. */
    @Test
    void theServerClipsBeforeItDamps() {
        run(
                GaussianMechanism.on(ClippedMean.fixed(0.5), 0),
                AsynchronousRounds.fedBuff(5, 1).withStaleness(StalenessWeight.polynomial(1)),
                failing(),
                START,
                2);

        assertEquals(0.5, heard.get(0).state().weights().get(0), 1e-5);
        assertEquals(0.75, heard.get(1).state().weights().get(0), 1e-5);
    }

    /** Of norm 1.5, damped to 0.75, it counts among those beyond a clip norm of 1. */
    @Test
    void theAdaptiveClipGoesByWhatWasSent() {
        BoundedRound round = AdaptiveClippedMean.startingAt(1).begin(Fixtures.context(LAYOUT));
        Summand sum = Summand.zero(round.segments());
        round.encoder()
                .encode(Fixtures.update(1, ModelDelta.of(LAYOUT, 1.5, 0)), 0.5)
                .addTo(sum);

        assertTrue(sum.get(round.segments().get(1).name(), 0) < 0);
    }

    /**
     * Client k takes k + 1 hours and moves by 1 or fails. A buffer has three slots whatever becomes of them, and the sum of
     * those that came is divided by three.
     */
    @Test
    void everySlotCountsAndTheDivisorIsTheirNumber() {
        run(GaussianMechanism.on(ClippedMean.fixed(5), 0), 3, failing(1, 3), START, 2);

        // Hours 1, 2, 3: clients 0, 1 (fails), 2; then hours 4, 4 and 5: clients 3 (fails), 0 and 4.
        assertEquals(2 / 3.0, heard.get(0).state().weights().get(0), 1e-5);
        assertEquals(4 / 3.0, heard.get(1).state().weights().get(0), 1e-5);
        for (RoundResult result : heard) {
            RoundResult.Advanced advanced = (RoundResult.Advanced) result;
            assertEquals(List.of(), advanced.report().outcomes());
            assertEquals(Map.of(), advanced.report().metrics());
            assertEquals(TasksUnderWay.NONE, advanced.state().underWay());
            assertEquals(Duration.ZERO, advanced.state().time());
        }
    }

    @Test
    void aBufferOfFailuresIsReleasedWithNoise() {
        run(GaussianMechanism.on(ClippedMean.fixed(1), 1), 3, failing(0, 1, 2, 3, 4), START, 2);

        assertEquals(2, heard.size());
        assertNotEquals(0, heard.get(0).state().weights().get(0));
    }

    /** FedAsync of a private rule moves towards the slot's own version, whether or not its client failed. */
    @Test
    void mixingDoesNotShowWhetherASlotIsEmpty() {
        GaussianMechanism silent = GaussianMechanism.on(ClippedMean.fixed(5), 0);
        AsynchronousRounds mixing = AsynchronousRounds.fedAsync(5, 0.5, StalenessWeight.constant());
        ServerState moved = ServerState.initial(ModelWeights.copyOf(LAYOUT, new double[] {8, 8}), 3);
        run(silent, mixing, failing(1), moved, 3);

        // Hour 1: client 0 arrives; hour 2: client 1 (fails, from 8), then client 0 (from 8.5).
        assertEquals(8.5, heard.get(0).state().weights().get(0), 1e-5);
        assertEquals(0.5 * 8.5 + 0.5 * 8, heard.get(1).state().weights().get(0), 1e-5);
        assertEquals(0.5 * 8.25 + 0.5 * 9.5, heard.get(2).state().weights().get(0), 1e-5);
    }

    /** As many releases without sampling, whoever took part in them; a budget ends the run. */
    @Test
    void eachReleaseIsChargedWithoutAmplification() {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 2);
        ServerState end = run(rule, 3, failing(1), START, 4);

        ServerState synchronous = START;
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(clients(() -> false, failing()))
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            synchronous = server.run(synchronous, 4).state();
        }
        assertEquals(synchronous.ledger(), end.ledger());
        double spent =
                rule.statement(end.ledger(), 1e-5).againstMembers().epsilon().upper();
        heard.clear();
        GaussianMechanism bounded =
                rule.within(PrivacyTarget.pure(spent * 1.0001).withPrivacyDelta(1e-5));
        run(bounded, 3, failing(), START, 100);

        assertTrue(heard.get(4) instanceof RoundResult.Refused, heard::toString);
        assertEquals(5, heard.size());
    }

    /** Cut off at any moment, a run that resumes has charged the round that was cut off, and starts its slots anew. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 11})
    void aResumeDropsTheBufferAndKeepsItsCharge(int call) throws InterruptedException {
        Thread runs = Thread.currentThread();
        // interrupt() sets the flag first and closes what the thread has open after: it may hit what this thread does
        // next
        CountDownLatch sent = new CountDownLatch(1);
        Path journal = folder.resolve("privacy.journal");
        CheckpointStore store = CheckpointStore.in(folder.resolve("checkpoints"));
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 2).journal(journal);
        try (InProcessRunner inner = InProcessRunner.of(1);
                FederatedServer server = server(rule, 3, inner, () -> {
                            if (trained.incrementAndGet() == call) {
                                runs.interrupt();
                                sent.countDown();
                            }
                            return false;
                        })
                        .checkpoints(store)
                        .build()) {
            server.run(START, 50);
        } catch (RunInterruptedException expected) {
            assertTrue(Thread.interrupted());
        }
        sent.await();
        int released = store.latest().map(ServerState::round).orElse(0);
        assertTrue(released < 50);

        ServerState from = store.latest().orElseThrow();
        assertEquals(TasksUnderWay.NONE, from.underWay());
        ServerState end;
        try (InProcessRunner inner = InProcessRunner.of(1);
                FederatedServer server =
                        server(rule, 3, inner, () -> false).checkpoints(store).build()) {
            end = server.run(from, 2).state();
        }
        PrivacyStatement statement = rule.statement(end.ledger(), 1e-5);

        assertEquals(released + 2, end.round());
        assertEquals(released + 3, statement.rounds(), "the round that was cut off stays charged");
    }

    @Test
    void aPrivateRunTakesNoTasksOfAnother() {
        TasksUnderWay tasks = new TasksUnderWay(
                List.of(new TaskStream.Task(0, new ClientId("1"), 1)), new TreeMap<>(Map.of(1, START.weights())), 1);
        ServerState first = run(GaussianMechanism.on(ClippedMean.fixed(1), 1), 3, failing(), START, 1);

        assertThrows(
                IllegalArgumentException.class,
                () -> run(GaussianMechanism.on(ClippedMean.fixed(1), 1), 3, failing(), first.with(tasks), 1));
    }

    private static List<Integer> failing(Integer... clients) {
        return List.of(clients);
    }

    private ServerState run(GaussianMechanism rule, int buffer, List<Integer> failing, ServerState from, int rounds) {
        return run(
                rule,
                AsynchronousRounds.fedBuff(5, buffer).withStaleness(StalenessWeight.constant()),
                failing,
                from,
                rounds);
    }

    private ServerState run(
            GaussianMechanism rule, AsynchronousRounds how, List<Integer> failing, ServerState from, int rounds) {
        try (InProcessRunner inner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(clients(() -> false, failing))
                        .localTraining(LocalTraining.epochs(1))
                        .selector(ClientSelector.all())
                        .runner(VirtualRunner.over(inner, AsynchronousReleaseTest::hours))
                        .asynchronous(how)
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                heard.add(result);
                            }
                        })
                        .build()) {
            return server.run(from, rounds).state();
        }
    }

    private static ServerBuilder server(
            GaussianMechanism rule, int buffer, InProcessRunner inner, BooleanSupplier fails) {
        return FederatedServer.with(rule)
                .clients(clients(fails, List.of()))
                .localTraining(LocalTraining.epochs(1))
                .selector(ClientSelector.all())
                .runner(VirtualRunner.over(inner, AsynchronousReleaseTest::hours))
                .asynchronous(AsynchronousRounds.fedBuff(5, buffer));
    }

    private static Duration hours(ClientId client, Object random) {
        return Duration.ofHours(1 + Integer.parseInt(client.value()));
    }

    private static ClientProvider clients(BooleanSupplier fails, List<Integer> failing) {
        return ClientProvider.of(ClientId.numbered("", 5), id -> new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) throws IOException {
                if (fails.getAsBoolean() || failing.contains(Integer.parseInt(id.value()))) {
                    throw new IOException("away");
                }
                return ClientUpdate.of(id, task, ModelDelta.of(LAYOUT, 1, 0), 1);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                throw new UnsupportedOperationException();
            }
        });
    }
}
