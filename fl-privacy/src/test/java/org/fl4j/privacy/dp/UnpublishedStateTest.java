package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule whose encoder reads the rule's state, and which does not override {@code publicState}. */
class UnpublishedStateTest {

    private static final String FORGETFUL =
            ", round 1: Forgetful reads the server's state for its segments or encoder, but a participant does not know it;"
                    + " override publicState in its LinearRound";

    private static final ModelDelta DELTA = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);

    @TempDir
    private Path folder;

    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void endsASecureRunBeforeAnyClientIsAsked() {
        assertEquals("every client" + FORGETFUL, messageOf(FederatedServer.with(SecureSum.on(new Forgetful(false)))));
        assertEquals(0, asked.get());
    }

    /** Under a private rule what a client fails at is not reported, so the server itself must notice. */
    @Test
    void endsAPrivateSecureRunBeforeAnythingIsCharged() {
        Path journal = folder.resolve("privacy.journal");
        GaussianMechanism noisy = GaussianMechanism.on(new Forgetful(false), 1).journal(journal);
        assertEquals(
                "every client" + FORGETFUL.replace("Forgetful", noisy.toString()),
                messageOf(FederatedServer.with(SecureSum.on(noisy))));
        assertEquals(0, asked.get());
        assertFalse(Files.exists(journal), "nothing is charged");
    }

    /** Where the state is read with the first update in hand, the first client names itself. */
    @Test
    void endsASecureRunWhereTheEncoderReadsItLate() {
        assertEquals("client 'c0'" + FORGETFUL, messageOf(FederatedServer.with(SecureSum.on(new Forgetful(true)))));
    }

    @Test
    void endsARunWhoseBlocksTrainElsewhere() {
        for (boolean late : new boolean[] {false, true}) {
            LinearAggregator rule = new Forgetful(late);
            FarBlockRunner far = FarBlockRunner.of(rule, Releases.clients(6, DELTA));
            assertEquals("a block" + FORGETFUL, messageOf(FederatedServer.with(rule), far));
        }
    }

    private String messageOf(ServerBuilder builder) {
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            return messageOf(builder, runner);
        }
    }

    private String messageOf(ServerBuilder builder, ClientRunner runner) {
        try (FederatedServer server = builder.clients(Releases.clients(6, DELTA).decorated(client -> {
                    asked.incrementAndGet();
                    return client;
                }))
                .localTraining(LocalTraining.epochs(1))
                .runner(runner)
                .build()) {
            return assertThrows(
                            IllegalStateException.class, () -> server.run(ServerState.initial(Releases.start(2), 1), 2))
                    .getMessage();
        }
    }

    /** The sum of deltas, scaled by a state that is always empty. */
    private record Forgetful(boolean late) implements BoundedAggregator {

        @Override
        public BoundedRound begin(RoundContext context) {
            double scale = late ? 1 : scale(context);
            return new Round(context, update -> {
                double applied = late ? scale(context) : scale;
                return sum -> sum.add(Segment.DELTA, update.delta(), 0x1p20 * applied);
            });
        }

        private static double scale(RoundContext context) {
            return context.state().isEmpty() ? 1 : 2;
        }

        @Override
        public String toString() {
            return "Forgetful";
        }
    }

    private record Round(RoundContext context, UpdateEncoder encoder) implements BoundedRound {

        @Override
        public List<Segment> segments() {
            return List.of(new Segment(Segment.DELTA, context.layout().length(), 4, OptionalDouble.of(0x1p-20)));
        }

        @Override
        public BoundedRound.Sensitivity sensitivity() {
            return new BoundedRound.Sensitivity(Map.of(Segment.DELTA, 4.0), Map.of());
        }

        @Override
        public Aggregation.Result decode(Summand total) {
            return Aggregation.Result.of(total.toDelta(Segment.DELTA, context.layout(), 0x1p-20));
        }
    }
}
