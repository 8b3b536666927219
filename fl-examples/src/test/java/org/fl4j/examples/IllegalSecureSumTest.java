package org.fl4j.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.testkit.ForbiddenProgram;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What needs more than a sum cannot be put under masks, and what is under them cannot be put under more. */
class IllegalSecureSumTest {

    private static final List<String> PACKAGES = List.of(
            "org.fl4j",
            "org.fl4j.secure",
            "org.fl4j.aggregation",
            "org.fl4j.aggregation.mean",
            "org.fl4j.aggregation.objective",
            "org.fl4j.aggregation.robust",
            "org.fl4j.privacy.dp",
            "org.fl4j.privacy.secagg",
            "org.fl4j.server");

    @TempDir
    private Path classes;

    static Stream<ForbiddenProgram> programs() {
        return Stream.of(
                new ForbiddenProgram(
                        "a coordinate median needs each update",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return SecureSum.of(CoordinateMedian.of(), FixedPoint.within(4)); }",
                        "Object f() { return SecureSum.of(FedAvg.uniform(), FixedPoint.within(4)); }"),
                new ForbiddenProgram(
                        "Krum needs each update",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return SecureSum.of(Krum.tolerating(1)); }",
                        "Object f() { return SecureSum.of(ClippedMean.fixed(1)); }"),
                new ForbiddenProgram(
                        "nor is it a sum behind an objective",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return SecureSum.of(FedProx.on(Krum.tolerating(1), 0.1)); }",
                        "Object f() { return SecureSum.of(FedProx.on(ClippedMean.fixed(1), 0.1)); }"),
                new ForbiddenProgram(
                        "a masked sum is no rule to mask again",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return SecureSum.of(SecureSum.of(rule)); }",
                        "Object f(ClippedMean rule) { return FederatedServer.with(SecureSum.of(rule)); }"),
                new ForbiddenProgram(
                        "noise goes into a masked sum, not on it",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ClippedMean rule) { return GaussianMechanism.on(SecureSum.of(rule), 1); }",
                        "Object f(ClippedMean rule) { return SecureSum.of(GaussianMechanism.on(rule, 1)); }"),
                new ForbiddenProgram(
                        "an objective goes into a masked sum, not on it",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(ClippedMean rule) { return FedProx.on(SecureSum.of(rule), 1); }",
                        "Object f(ClippedMean rule) { return SecureSum.of(FedProx.on(rule, 1)); }"),
                new ForbiddenProgram(
                        "nobody can hand a masked round a clear update",
                        ForbiddenProgram.WRONG_TYPE,
                        "void f(SecureRound.Stage s, org.fl4j.client.ClientUpdate u) { s.reply(u.client(), u); }",
                        "void f(SecureRound.Stage s, org.fl4j.client.ClientUpdate u) { s.reply(u.client(), new byte[0]); }"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void isRejectedWhereItsTwinIsNot(ForbiddenProgram program) {
        program.check(PACKAGES, classes);
    }
}
