package org.fl4j.server;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.model.Metric;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.Measure;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.GoldenFiles.Form;
import org.fl4j.weights.ModelWeights;

/** The forms of a block's work and of what came of it, which only this package sees. */
public final class BlockForms {

    private static final HexFormat HEX = HexFormat.of();
    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");

    private BlockForms() {}

    /** Over a round's context and task of the caller's. */
    public static List<Form<?>> of(RoundContext.PublicPart round, TrainingTask task) {
        return List.of(
                new Form<>(
                        "block-terms",
                        "BlockTerms.KIND",
                        new BlockTerms(round, "[delta]", task),
                        BlockTerms::toBytes,
                        BlockTerms::fromBytes),
                new Form<>(
                        "block-task",
                        "BlockTask.KIND",
                        new BlockTask(
                                6,
                                2,
                                List.of(ANN, BOB),
                                Map.of(BOB, ComponentState.of("remembered", 1).with("r", 3L))),
                        BlockTask::toBytes,
                        BlockTask::fromBytes),
                new Form<>(
                        "block-result",
                        "BlockResult.KIND",
                        HEX.formatHex(result().toBytes()),
                        hex -> BlockResult.fromBytes(HEX.parseHex(hex)).toBytes(),
                        HEX::formatHex));
    }

    /** What a server keeps of weights that travel as deltas, after three rounds. */
    public static ComponentState downlink(ServerState start) {
        ServerState state = start;
        for (int round = 1; round <= 3; round++) {
            ModelWeights weights = state.weights();
            state = new ServerState(
                    round,
                    0,
                    weights.plus(weights.minus(ModelWeights.zero(weights.layout()))),
                    state.optimizer(),
                    state.aggregator(),
                    state.selector(),
                    state.ledger(),
                    Broadcast.of(Downlink.deltas(Codec.fp16()), state, round).next(),
                    state.progress(),
                    state.time(),
                    state.underWay(),
                    state.seed(),
                    state.run());
        }
        return state.downlink();
    }

    /** What was counted of a round that kept its model and took 5 ns. */
    public static ComponentState progress(ServerState start) {
        RoundResult.Report report = new RoundResult.Report(
                1, List.of(), Map.of("loss", 0.25), new Traffic.Total(Map.of()), 1, Duration.ZERO);
        Validation validation = Validation.by(Measure.reported("loss", Metric.Direction.LOWER_IS_BETTER))
                .keepingBest();
        RoundResult judged = validation.judge(new RoundResult.Advanced(start, report));
        return new TimeBudget(Duration.ofHours(1), false)
                .spend(judged, 5)
                .state()
                .progress();
    }

    private static BlockResult result() {
        return new BlockResult(
                0x70C3_0000_0000_70C3L,
                2,
                new double[] {0.5, -1},
                List.of(
                        new ClientOutcome.Completed<>(
                                ANN, new ClientUpdate.Receipt(OptionalLong.of(7), Map.of("loss", 0.25))),
                        new ClientOutcome.Rejected<>(BOB, "too long"),
                        new ClientOutcome.TimedOut<>(ANN, Duration.ofSeconds(3)),
                        new ClientOutcome.NotStarted<>(ANN, Duration.ofSeconds(3)),
                        new ClientOutcome.Busy<>(ANN, 4),
                        new ClientOutcome.Surplus<>(BOB)),
                Map.of(ANN, ComponentState.of("staged", 1).with("s", 4L)),
                List.of(1L << 40, 5L, 0L, 0L, 0L, 0L));
    }
}
