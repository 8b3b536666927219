package org.fl4j.privacy.secagg;

import org.fl4j.aggregation.RoundContext;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.secure.SecureAggregator.Participant.LocalWork;
import org.fl4j.testkit.Fixtures;

/** A cohort in one of the settings, whose sum is known to the bit. One client may drop out. */
record FuzzedCohort(ThreatModel threatModel, int clients, Drill drill) {

    private static final int LENGTH = 7;

    /** So that a packed vector ends within a byte. */
    static final IntegerRule RULE = new IntegerRule(1 << 21);

    static FuzzedCohort of(Adversary adversary, int clients) {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        ThreatModel curious = ThreatModel.curious(new DropoutTolerance(0, clients < 100 ? 1.0 / clients : 0.05));
        return new FuzzedCohort(
                adversary == Adversary.CURIOUS ? curious : curious.against(adversary, identities, identities),
                clients,
                new Drill(SecureSum.on(RULE), clients, LENGTH, client -> Drill.values(client, LENGTH)));
    }

    RoundContext context(int round) {
        return drill.context(round);
    }

    LocalWork work(int client, int round) {
        return drill.work(client, round);
    }

    ClientSession client(int client, long seed) {
        return new ClientSession(
                new SummedRule.Plain(RULE, FixedPoint.UNSTATED),
                threatModel,
                Fixtures.client(client),
                FixedRandom.seeded(seed));
    }

    SessionTerms terms(int round) {
        return SessionTerms.of(new SummedRule.Plain(RULE, FixedPoint.UNSTATED), threatModel, context(round), clients);
    }

    /** The sum over some clients, in the clear. */
    double[] sum(IndexSet included) {
        double[] sum = new double[LENGTH];
        for (int client : included.toArray()) {
            double[] values = Drill.values(client, LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                sum[i] += values[i];
            }
        }
        return sum;
    }

    @Override
    public String toString() {
        return threatModel.adversary() + " n = " + clients;
    }
}
