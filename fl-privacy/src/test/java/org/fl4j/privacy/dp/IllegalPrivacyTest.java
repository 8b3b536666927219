package org.fl4j.privacy.dp;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.testkit.ForbiddenProgram;
import org.fl4j.testkit.ForbiddenPrograms;

/** Noise on what has no bound does not compile: it would be calibrated to nothing. */
class IllegalPrivacyTest extends ForbiddenPrograms {

    @Override
    protected List<String> packages() {
        return List.of(
                "org.fl4j.aggregation",
                "org.fl4j.client",
                "org.fl4j.secure",
                "org.fl4j.testkit",
                "org.fl4j.privacy.dp");
    }

    @Override
    protected Stream<ForbiddenProgram> programs() {
        return Stream.of(
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
                        "Object f(ClippedMean rule) { return InsecureForTests.around(GaussianMechanism.on(rule, 1), 1); }"),
                new ForbiddenProgram(
                        "a noised rule is no bounded one",
                        ForbiddenProgram.WRONG_TYPE,
                        "BoundedAggregator f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }",
                        "LinearAggregator f(BoundedAggregator rule) { return GaussianMechanism.on(rule, 1); }"),
                new ForbiddenProgram(
                        "local noise goes around a client, not around a rule",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(LinearAggregator a) { return LocalDifferentialPrivacy.clippedTo(1).around(a); }",
                        "Object f(Client a) { return LocalDifferentialPrivacy.clippedTo(1).around(a); }"));
    }
}
