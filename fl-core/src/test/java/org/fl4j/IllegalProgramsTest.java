package org.fl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the compiler must reject. Each program stands beside a legal twin that differs in one line, so that it is known
 * to fail for the reason it should; javac's key of the error says which.
 */
class IllegalProgramsTest {

    private static final String WRONG_ARGUMENT = "compiler.err.cant.apply.symbol";
    private static final String WRONG_TYPE = "compiler.err.prob.found.req";
    private static final String SEALED = "compiler.err.cant.inherit.from.sealed";
    private static final String NO_SUCH_METHOD = "compiler.err.cant.resolve.location.args";

    /** The line that differs comes fifth, after the package and its imports. */
    private static final long LINE = 5;

    private static final String FRAME = """
            package user;
            import org.fl4j.client.*; import org.fl4j.model.*;
            import org.fl4j.aggregation.*; import org.fl4j.server.*;
            abstract class Program {
            %s
            }
            """;

    @TempDir
    private Path classes;

    private record Program(String why, String error, String forbidden, String legal) {
        @Override
        public String toString() {
            return why;
        }
    }

    static Stream<Program> programs() {
        return Stream.of(
                new Program(
                        "weights are points: two of them have no sum",
                        WRONG_TYPE,
                        "Object f(ModelWeights a, ModelWeights b) { return a.plus(b); }",
                        "Object f(ModelWeights a, ModelDelta b) { return a.plus(b); }"),
                new Program(
                        "a model without gradients cannot honour an objective that corrects them",
                        WRONG_ARGUMENT,
                        "<D> Object f(ClientId i, D d, ModelPool<Model<D>> m, LocalObjectives o)"
                                + " { return LocalClient.withObjectives(i, d, m, o); }",
                        "<D> Object f(ClientId i, D d, ModelPool<GradientModel<D>> m, LocalObjectives o)"
                                + " { return LocalClient.withObjectives(i, d, m, o); }"),
                new Program(
                        "the root of the aggregators is closed",
                        SEALED,
                        "abstract static class Mine implements Aggregator {}",
                        "abstract static class Mine implements DirectAggregator {}"),
                new Program(
                        "the server half of a secure round takes bytes, not a clear update",
                        WRONG_TYPE,
                        "Object f(SecureStage s, ClientId i, ClientUpdate u) { return s.reply(i, u); }",
                        "Object f(SecureStage s, ClientId i, byte[] u) { return s.reply(i, u); }"),
                new Program(
                        "masks need a sum: a rule that looks at each update cannot go under them",
                        WRONG_TYPE,
                        "Object f(DirectAggregator median) { return InsecureForTests.around(median, 2); }",
                        "Object f(LinearAggregator mean) { return InsecureForTests.around(mean, 2); }"),
                new Program(
                        "masks under masks: a secure rule is not a linear one",
                        WRONG_TYPE,
                        "Object f(SecureAggregator rule) { return InsecureForTests.around(rule, 2); }",
                        "Object f(LinearAggregator rule) { return InsecureForTests.around(rule, 2); }"),
                new Program(
                        "noise needs a bound: a rule that is only linear has no sensitivity",
                        NO_SUCH_METHOD,
                        "Object f(LinearAggregator rule, RoundContext c) { return rule.sensitivity(c); }",
                        "Object f(BoundedAggregator rule, RoundContext c) { return rule.sensitivity(c); }"),
                new Program(
                        "a secure rule has no sum that the server could decode in the clear",
                        NO_SUCH_METHOD,
                        "Object f(SecureAggregator rule, Summand s, RoundContext c) { return rule.decode(s, c); }",
                        "Object f(LinearAggregator rule, Summand s, RoundContext c) { return rule.decode(s, c); }"),
                new Program(
                        "the builders are closed",
                        SEALED,
                        "abstract static class Mine extends ServerBuilder<DirectBuilder> {}",
                        "abstract static class Mine { ServerBuilder<DirectBuilder> builder; }"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void isRejectedWhereItsTwinIsNot(Program program) {
        assertEquals(List.of(), errors(program.legal()));
        assertEquals(List.of(program.error() + " in line " + LINE), errors(program.forbidden()));
    }

    private List<String> errors(String line) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options = List.of(
                "-proc:none",
                "-implicit:none",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString());
        javac.getTask(null, null, found, options, null, List.of(new Source(FRAME.formatted(line))))
                .call();
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getCode() + " in line " + diagnostic.getLineNumber())
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {

        private final String text;

        Source(String text) {
            super(URI.create("string:///user/Program.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
