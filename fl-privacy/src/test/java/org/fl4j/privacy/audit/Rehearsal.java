package org.fl4j.privacy.audit;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.WalshHadamard;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.ScriptedClient;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.nd4j.linalg.api.buffer.DataType;

/** Audited runs over two clients that send a little. */
record Rehearsal(int d, int rounds, Consumer<ServerBuilder> settings) {

    static final double DELTA = 1e-5;

    static Rehearsal of(int d, int rounds) {
        return new Rehearsal(d, rounds, builder -> {});
    }

    Rehearsal with(Consumer<ServerBuilder> others) {
        return new Rehearsal(d, rounds, others);
    }

    static ClientProvider clients(int d) {
        double[] little = new double[d];
        little[0] = 0.01;
        return ClientProvider.of(
                ClientId.numbered("client-", 2), id -> ScriptedClient.of(id).sends(1, little));
    }

    ServerState start() {
        ParameterLayout layout = Fixtures.layout(DataType.FLOAT, d);
        return ServerState.initial(ModelWeights.zero(layout), 7);
    }

    static PrivacyAudit seeded(PrivacyAudit audit, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        return audit.tossing(random::nextLong);
    }

    /** An audit after one round whose canaries scored 1 or 0 and a normal, as those of a round do whose directions are orthonormal. */
    static AuditedRun scored(PrivacyAudit audit, double deviation, long seed) {
        AuditRecord drawn = audit.begin().record();
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] scores = new float[WalshHadamard.blockSize(drawn.terms().canaries())];
        for (int i = 0; i < drawn.terms().canaries(); i++) {
            scores[i] = (float) ((drawn.secrets().isIn(i) ? 1 : 0) + deviation * random.nextGaussian());
        }
        WalshHadamard.transform(scores);
        double[] sums = new double[scores.length];
        Arrays.setAll(sums, i -> scores[i]);
        return new AuditedRun(
                drawn.with(Optional.empty(), List.of(new Tally(1, 1, sums, new double[sums.length]))),
                Optional.empty());
    }

    /** What a run under a rule shows. */
    AuditVerdict verdict(GaussianMechanism rule, PrivacyAudit audit) {
        return verdict(rule, FederatedServer.with(rule), audit.begin());
    }

    AuditVerdict verdict(GaussianMechanism rule, ServerBuilder builder, AuditedRun audit) {
        ServerState end = run(builder, audit, start(), rounds);
        return audit.evidence().against(rule.statement(end.ledger(), DELTA));
    }

    ServerState run(ServerBuilder builder, AuditedRun audit, ServerState from, int howMany) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = built(builder, audit, runner)) {
            return server.run(from, howMany).state();
        }
    }

    private FederatedServer built(ServerBuilder builder, AuditedRun audit, InProcessRunner runner) {
        builder.clients(audit.around(clients(d)))
                .localTraining(LocalTraining.epochs(1))
                .listeners(audit)
                .runner(runner);
        settings.accept(builder);
        return builder.build();
    }
}
