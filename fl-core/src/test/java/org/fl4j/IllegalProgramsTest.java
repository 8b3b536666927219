package org.fl4j;

import java.util.stream.Stream;
import org.fl4j.testkit.ForbiddenProgram;
import org.fl4j.testkit.ForbiddenPrograms;

/** What the compiler must reject. */
class IllegalProgramsTest extends ForbiddenPrograms {

    @Override
    protected Stream<ForbiddenProgram> programs() {
        return Stream.of(
                new ForbiddenProgram(
                        "weights are points: two of them have no sum",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(ModelWeights a, ModelWeights b) { return a.plus(b); }",
                        "Object f(ModelWeights a, ModelDelta b) { return a.plus(b); }"),
                new ForbiddenProgram(
                        "the root of the aggregators is closed",
                        ForbiddenProgram.SEALED,
                        "abstract static class Mine implements Aggregator {}",
                        "abstract static class Mine implements DirectAggregator {}"),
                new ForbiddenProgram(
                        "the server half of a secure round takes bytes, not a clear update",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(SecureRound.Stage s, ClientId i, ClientUpdate u) { return s.reply(i, u); }",
                        "Object f(SecureRound.Stage s, ClientId i, byte[] u) { return s.reply(i, u); }"),
                new ForbiddenProgram(
                        "masks need a sum: a rule that looks at each update cannot go under them",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(DirectAggregator median) { return InsecureForTests.on(median, 2); }",
                        "Object f(LinearAggregator mean) { return InsecureForTests.on(mean, 2); }"),
                new ForbiddenProgram(
                        "masks under masks: a secure rule is not a linear one",
                        ForbiddenProgram.WRONG_TYPE,
                        "Object f(SecureAggregator rule) { return InsecureForTests.on(rule, 2); }",
                        "Object f(LinearAggregator rule) { return InsecureForTests.on(rule, 2); }"),
                new ForbiddenProgram(
                        "noise needs a bound: a rule that is only linear has no sensitivity",
                        ForbiddenProgram.NO_SUCH_METHOD,
                        "Object f(LinearAggregator rule, RoundContext c) { return rule.begin(c).sensitivity(); }",
                        "Object f(BoundedAggregator rule, RoundContext c) { return rule.begin(c).sensitivity(); }"),
                new ForbiddenProgram(
                        "a secure rule has no sum that the server could decode in the clear",
                        ForbiddenProgram.NO_SUCH_METHOD,
                        "Object f(SecureAggregator rule, Summand s, RoundContext c) { return rule.begin(c, java.util.List.of()).decode(s); }",
                        "Object f(LinearAggregator rule, Summand s, RoundContext c) { return rule.begin(c).decode(s); }"),
                new ForbiddenProgram(
                        "a server knows what it may see: its rule is direct or secure",
                        ForbiddenProgram.WRONG_ARGUMENTS,
                        "Object f(Aggregator rule) { return FederatedServer.with(rule); }",
                        "Object f(SecureAggregator rule) { return FederatedServer.with(rule); }"));
    }
}
