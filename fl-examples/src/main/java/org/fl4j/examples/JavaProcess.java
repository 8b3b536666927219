package org.fl4j.examples;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Another JVM with this one's class path. */
final class JavaProcess {

    private JavaProcess() {}

    /** A process that runs a class's main method; its standard error is this process's. */
    static ProcessBuilder of(Class<?> main, String... args) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(property("java.home"), "bin", "java").toString(), "-cp", classPath(), main.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** Maven runs an example in its own process, whose class path is not the example's. */
    private static String classPath() {
        return JavaProcess.class.getClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs()).map(URL::getPath).collect(Collectors.joining(File.pathSeparator))
                : property("java.class.path");
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name));
    }
}
