package org.fl4j.aggregation.objective;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.testkit.ForbiddenProgram;
import org.fl4j.testkit.ForbiddenPrograms;

/** Compositions that do not mean anything do not compile. */
class IllegalCompositionsTest extends ForbiddenPrograms {

    @Override
    protected List<String> packages() {
        return List.of(
                "org.fl4j",
                "org.fl4j.client",
                "org.fl4j.model",
                "org.fl4j.secure",
                "org.fl4j.testkit",
                "org.fl4j.aggregation",
                "org.fl4j.aggregation.mean",
                "org.fl4j.aggregation.objective");
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
                        "Object f(DirectAggregator r) { return InsecureForTests.around(FedProx.on(r, 0.1), 2); }",
                        "Object f(LinearAggregator r) { return InsecureForTests.around(FedProx.on(r, 0.1), 2); }"),
                new ForbiddenProgram(
                        "FedProx on a secure rule: the objective belongs inside",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(SecureAggregator rule) { return FedProx.on(rule, 0.1); }",
                        "Object f(DirectAggregator rule) { return FedProx.on(rule, 0.1); }"),
                new ForbiddenProgram(
                        "SCAFFOLD's variates weigh as its deltas do: other rules have no weights",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f() { return Scaffold.on(FedNova.byExamples()); }",
                        "Object f() { return Scaffold.on(FedAvg.byExamples()); }"));
    }
}
