package org.fl4j.examples;

import java.util.stream.Stream;
import org.fl4j.testkit.ForbiddenProgram;
import org.fl4j.testkit.ForbiddenPrograms;

/** Compositions that do not mean anything do not compile, nor does noise on what has no bound or a mask on more than a sum. */
class IllegalCompositionsTest extends ForbiddenPrograms {

    @Override
    protected String imports() {
        return super.imports()
                + "import org.fl4j.compression.*; import org.fl4j.aggregation.mean.*; import org.fl4j.aggregation.objective.*;"
                + "import org.fl4j.aggregation.robust.*; import org.fl4j.privacy.dp.*; import org.fl4j.privacy.secagg.*;";
    }

    @Override
    protected Stream<ForbiddenProgram> programs() {
        return Stream.of(
                new ForbiddenProgram(
                        "FedProx on a mean has no more bound than the mean",
                        ForbiddenProgram.WRONG_TYPE,
                        "BoundedAggregator f() { return FedProx.on(FedAvg.byExamples(), 0.1); }",
                        "BoundedAggregator f() { return FedProx.on(new TestClippedMean(), 0.1); }"),
                new ForbiddenProgram(
                        "FedProx on a rule that looks at each update is not linear: no masks",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(DirectAggregator r) { return InsecureForTests.on(FedProx.on(r, 0.1), 2); }",
                        "Object f(LinearAggregator r) { return InsecureForTests.on(FedProx.on(r, 0.1), 2); }"),
                new ForbiddenProgram(
                        "FedProx on a secure rule: the objective belongs inside",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(SecureAggregator rule) { return FedProx.on(rule, 0.1); }",
                        "Object f(DirectAggregator rule) { return FedProx.on(rule, 0.1); }"),
                new ForbiddenProgram(
                        "SCAFFOLD's variates weigh as its deltas do: other rules have no weights",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return Scaffold.on(FedNova.byExamples()); }",
                        "Object f() { return Scaffold.on(FedAvg.byExamples()); }"),
                new ForbiddenProgram(
                        "a mean over sketches has no more bound than the mean",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return GaussianMechanism.on(Sketched.on(FedAvg.uniform(), LinearCodec.rotation()), 1); }",
                        "Object f() { return GaussianMechanism.on(Sketched.on(ClippedMean.fixed(1), LinearCodec.rotation()), 1); }"),
                new ForbiddenProgram(
                        "sketches are summed: a median of them means nothing",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f() { return Sketched.on(CoordinateMedian.of(), LinearCodec.rotation()); }",
                        "Object f() { return Sketched.on(FedAvg.uniform(), LinearCodec.rotation()); }"),
                new ForbiddenProgram(
                        "what a codec makes of a delta has no sum: only a linear one goes under masks and noise",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f() { return SecureSum.on(Sketched.on(ClippedMean.fixed(1), Codec.topK(0.1))); }",
                        "Object f() { return SecureSum.on(Sketched.on(ClippedMean.fixed(1), LinearCodec.randomK(0.1))); }"),
                new ForbiddenProgram(
                        "a server that sees masked sums has no updates to decode",
                        ForbiddenProgram.NO_SUCH_METHOD,
                        "Object f() { return FederatedServer.with(SecureSum.on(ClippedMean.fixed(1))).uplink(Codec.topK(0.1)); }",
                        "Object f() { return FederatedServer.with(ClippedMean.fixed(1)).uplink(Codec.topK(0.1)); }"),
                new ForbiddenProgram(
                        "nor does one whose rule adds noise take a codec: it belongs inside, and is linear",
                        ForbiddenProgram.NO_SUCH_METHOD,
                        "Object f(GaussianMechanism r) { return FederatedServer.with(r).uplink(Codec.eden(1)); }",
                        "Object f(NormBounding r) { return FederatedServer.with(r).uplink(Codec.eden(1)); }"),
                new ForbiddenProgram(
                        "noise on a mean without a bound",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return GaussianMechanism.on(new TestMean(), 1); }",
                        "Object f() { return GaussianMechanism.on(new TestClippedMean(), 1); }"),
                new ForbiddenProgram(
                        "noise on a rule that looks at each update",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(DirectAggregator rule) { return GaussianMechanism.on(rule, 1); }",
                        "Object f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }"),
                new ForbiddenProgram(
                        "noise on a masked sum: the mechanism belongs inside",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(SecureAggregator rule) { return GaussianMechanism.on(rule, 1); }",
                        "Object f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }"),
                new ForbiddenProgram(
                        "noise on noise: the first has hidden the bound",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(GaussianMechanism.on(rule, 1), 1); }",
                        "Object f(ClippedMean rule) { return InsecureForTests.on(GaussianMechanism.on(rule, 1), 1); }"),
                new ForbiddenProgram(
                        "a noised rule is no bounded one",
                        ForbiddenProgram.WRONG_TYPE,
                        "BoundedAggregator f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }",
                        "LinearAggregator f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }"),
                new ForbiddenProgram(
                        "clients add their noise under masks only: there is no sum in the clear",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(ClippedMean rule) { return FederatedServer.with(DistributedGaussian.on(rule, 1)); }",
                        "Object f(ClippedMean rule) { return FederatedServer.with(SecureSum.on(DistributedGaussian.on(rule, 1))); }"),
                new ForbiddenProgram(
                        "noise of the server on noise of the clients",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(Skellam.on(rule, 1), 1); }",
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(rule, 1); }"),
                new ForbiddenProgram(
                        "noise of the clients on noise of the server",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return DistributedGaussian.on(GaussianMechanism.on(rule, 1), 1); }",
                        "Object f(ClippedMean rule) { return DistributedGaussian.on(FedProx.on(rule, 0.1), 1); }"),
                new ForbiddenProgram(
                        "clients' noise needs a bound as well",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return DistributedGaussian.on(FedAvg.uniform(), 1); }",
                        "Object f() { return DistributedGaussian.on(ClippedMean.fixed(1), 1); }"),
                new ForbiddenProgram(
                        "correlated noise on noise, and noise on it: distributed noise needs a bounded rule, too",
                        ForbiddenProgram.WRONG_TYPE,
                        "BoundedAggregator f(ClippedMean r, MatrixPlan p) { return MatrixMechanism.on(r, 1, p); }",
                        "LinearAggregator f(ClippedMean r, MatrixPlan p) { return MatrixMechanism.on(r, 1, p); }"),
                new ForbiddenProgram(
                        "correlated noise on a rule that has noise",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean r, MatrixPlan p) { return MatrixMechanism.on(GaussianMechanism.on(r, 1), 1, p); }",
                        "Object f(ClippedMean r, MatrixPlan p) { return SecureSum.on(MatrixMechanism.on(r, 1, p)); }"),
                new ForbiddenProgram(
                        "local noise goes around a client, not around a rule",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(LinearAggregator a) { return LocalDifferentialPrivacy.clippedTo(1).around(a); }",
                        "Object f(Client a) { return LocalDifferentialPrivacy.clippedTo(1).around(a); }"),
                new ForbiddenProgram(
                        "a coordinate median needs each update",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return SecureSum.on(CoordinateMedian.of(), FixedPoint.within(4)); }",
                        "Object f() { return SecureSum.on(FedAvg.uniform(), FixedPoint.within(4)); }"),
                new ForbiddenProgram(
                        "a median is no sum among servers",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return SharedSum.on(CoordinateMedian.of(), FixedPoint.within(4)); }",
                        "Object f() { return SharedSum.on(FedAvg.uniform(), FixedPoint.within(4)); }"),
                new ForbiddenProgram(
                        "shares of masked sums: one of them hides enough",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return SharedSum.on(SecureSum.on(rule)); }",
                        "Object f(ClippedMean rule) { return SharedSum.on(rule).amongServers(3); }"),
                new ForbiddenProgram(
                        "noise goes into a shared sum, not on it",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(SharedSum.on(rule), 1); }",
                        "Object f(ClippedMean rule) { return SharedSum.on(GaussianMechanism.on(rule, 1)); }"),
                new ForbiddenProgram(
                        "Krum needs each update",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f() { return SecureSum.on(Krum.tolerating(1)); }",
                        "Object f() { return SecureSum.on(ClippedMean.fixed(1)); }"),
                new ForbiddenProgram(
                        "nor is it a sum behind an objective",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f() { return SecureSum.on(FedProx.on(Krum.tolerating(1), 0.1)); }",
                        "Object f() { return SecureSum.on(FedProx.on(ClippedMean.fixed(1), 0.1)); }"),
                new ForbiddenProgram(
                        "a masked sum is no rule to mask again",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(ClippedMean rule) { return SecureSum.on(SecureSum.on(rule)); }",
                        "Object f(ClippedMean rule) { return FederatedServer.with(SecureSum.on(rule)); }"),
                new ForbiddenProgram(
                        "noise goes into a masked sum, not on it",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(SecureSum.on(rule), 1); }",
                        "Object f(ClippedMean rule) { return SecureSum.on(GaussianMechanism.on(rule, 1)); }"),
                new ForbiddenProgram(
                        "an objective goes into a masked sum, not on it",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(ClippedMean rule) { return FedProx.on(SecureSum.on(rule), 1); }",
                        "Object f(ClippedMean rule) { return SecureSum.on(FedProx.on(rule, 1)); }"),
                new ForbiddenProgram(
                        "nobody can hand a masked round a clear update",
                        ForbiddenProgram.WRONG_TYPE,
                        "void f(SecureRound.Stage s, ClientUpdate u) { s.reply(u.client(), u); }",
                        "void f(SecureRound.Stage s, ClientUpdate u) { s.reply(u.client(), new byte[0]); }"));
    }
}
