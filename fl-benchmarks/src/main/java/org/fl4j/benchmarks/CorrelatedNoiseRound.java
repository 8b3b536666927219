package org.fl4j.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.MatrixMechanism;
import org.fl4j.privacy.dp.MatrixPlan;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What correlated noise adds to a round of a model of 1,000,000 parameters: the charge, the noise and the decoding of an empty
 * sum, on all cores, once as many rounds were played as there are bands.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class CorrelatedNoiseRound {

    private static final int PARAMETERS = 1_000_000;
    private static final int ROUNDS = MatrixPlan.MOST_ROUNDS;

    private final ParameterLayout layout =
            new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("w", PARAMETERS)));

    /** p. */
    @Param({"1", "16", "100"})
    private int bands;

    private MatrixMechanism mechanism = mechanism(1);
    private PrivacyBudgetGuard guard = mechanism.guard().orElseThrow();
    private ComponentState ledger = ComponentState.EMPTY;
    private int round;

    private static MatrixMechanism mechanism(int bands) {
        return MatrixMechanism.on(
                ClippedMean.fixed(1), 1, MatrixPlan.over(ROUNDS).bands(bands));
    }

    /** Begins a run and plays its first rounds. */
    @Setup(Level.Trial)
    public void begin() {
        mechanism = mechanism(bands);
        guard = mechanism.guard().orElseThrow();
        ledger = ComponentState.EMPTY;
        round = 0;
        guard.open(RunId.of("the weights", 1).drawn(), PrivacyBudgetGuard.Drawn.NOW, 0, ledger);
        for (int i = 0; i < bands; i++) {
            play();
        }
    }

    /**
     * One round.
     *
     * @return its aggregate
     */
    @Benchmark
    public Aggregation.Result play() {
        round++;
        RoundContext context =
                new RoundContext(round, layout, 1000, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 1);
        ledger = ((PrivacyBudgetGuard.Granted) guard.admit(context, ledger)).ledger();
        LinearRound its = mechanism.begin(context);
        return its.decode(Summand.zero(its.segments()));
    }
}
