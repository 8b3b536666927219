package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A program that the compiler must reject, beside a legal twin that differs in one line, so that it is known to fail for
 * the reason it should; javac's key of the error says which.
 *
 * @param why what the types forbid
 * @param error javac's key, one of the constants here
 * @param forbidden a member of a class that must not compile
 * @param legal a member that must
 */
public record ForbiddenProgram(String why, String error, String forbidden, String legal) {

    /** No method of that name takes the argument. */
    public static final String WRONG_ARGUMENT = "compiler.err.cant.apply.symbol";

    /** None of several methods of that name takes the argument. */
    public static final String WRONG_ARGUMENTS = "compiler.err.cant.apply.symbols";

    /** A value is of another type than needed. */
    public static final String WRONG_TYPE = "compiler.err.prob.found.req";

    /** A sealed type is extended. */
    public static final String SEALED = "compiler.err.cant.inherit.from.sealed";

    /** A type has no such method. */
    public static final String NO_SUCH_METHOD = "compiler.err.cant.resolve.location.args";

    /** The line that differs comes fourth, after the package, its imports and the class. */
    private static final long LINE = 4;

    /**
     * Compiles both.
     *
     * @param imports of both, as they stand in a source file
     * @param classes a folder for what the compiler makes
     */
    public void check(String imports, Path classes) {
        String frame = "package user;\n" + imports.replace('\n', ' ') + "\nabstract class Program {\n%s\n}\n";
        assertEquals(List.of(), errors(frame.formatted(legal), classes), why);
        assertEquals(List.of(error + " in line " + LINE), errors(frame.formatted(forbidden), classes), why);
    }

    /** Why it is forbidden. */
    @Override
    public String toString() {
        return why;
    }

    private static List<String> errors(String program, Path classes) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options = List.of(
                "-proc:none",
                "-implicit:none",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString());
        javac.getTask(null, null, found, options, null, List.of(new Source(program)))
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
