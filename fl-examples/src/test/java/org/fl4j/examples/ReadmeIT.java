package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the README tells the author of an application to do, in a folder outside of this build: its pom, its program,
 * its command, twice. Runs after {@code package}, as it needs the jars; the build passes {@code maven.home},
 * {@code readme.localRepository}, {@code readme.offline} and {@code readme.version}.
 */
@Timeout(660)
class ReadmeIT {

    private static final Path ROOT = Path.of("..");
    private static final List<String> PUBLISHED =
            List.of("fl-core", "fl-models", "fl-dl4j", "fl-aggregation", "fl-privacy", "fl-testkit");

    /** Of this build, so that no folder that JUnit deletes holds links into the user's repository. */
    private static final Path REPOSITORY =
            Path.of("target", "readme-repository").toAbsolutePath();

    private static final String LAST_LINE = "round 20: weights in model.fl4j";

    @TempDir
    private Path application;

    @Test
    void theApplicationOfTheReadmeRunsAndRunsAgain() throws Exception {
        installInto(REPOSITORY);
        Files.writeString(application.resolve("pom.xml"), block("pom"));
        Path sources = Files.createDirectories(application.resolve(Path.of("src", "main", "java")));
        Files.writeString(sources.resolve("Digits.java"), block("program"));

        String first = start();
        assertEquals(List.of("round 10", "round 20"), accuracies(first), first);
        assertTrue(first.lines().anyMatch(LAST_LINE::equals), first);
        ModelWeights trained = ModelWeights.load(application.resolve("model.fl4j"));

        String second = start();
        assertEquals(List.of(), accuracies(second), second);
        assertTrue(second.lines().anyMatch(LAST_LINE::equals), second);
        assertEquals(trained, ModelWeights.load(application.resolve("model.fl4j")));
    }

    /** From nothing to a trained model. */
    @Test
    void theFirstProgramOfTheGuideTrains() throws Exception {
        installInto(REPOSITORY);
        Files.writeString(application.resolve("pom.xml"), block("pom"));
        Path sources = Files.createDirectories(application.resolve(Path.of("src", "main", "java")));
        String program = block("docs/getting-started.md", "first");
        Files.writeString(sources.resolve("First.java"), program);
        assertTrue(program.lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("import"))
                        .count()
                <= 25);

        String printed = run("mvn -q compile exec:java -Dexec.mainClass=First");
        Matcher accuracy = Pattern.compile("(?m)^accuracy (0\\.\\d+)$").matcher(printed);
        assertTrue(accuracy.find(), printed);
        assertTrue(Double.parseDouble(accuracy.group(1)) > 0.4, printed);
    }

    /** What docs/testing.md says of tests, in the README's project. */
    @Test
    void theTestsOfTheGuideRun() throws Exception {
        installInto(REPOSITORY);
        String guide = "docs/testing.md";
        String pom = block("pom")
                .replaceFirst("(?m)^  </dependencies>", block(guide, "dependency") + "\n  </dependencies>")
                .replaceFirst("(?m)^    </plugins>", block(guide, "plugin") + "\n    </plugins>");
        Files.writeString(application.resolve("pom.xml"), pom);
        Path tests = Files.createDirectories(application.resolve(Path.of("src", "test", "java")));
        Files.writeString(tests.resolve("FederationTest.java"), block(guide, "test"));

        String printed = run("mvn test");
        int most = Pattern.compile("Tests run: (\\d+), Failures: 0, Errors: 0, Skipped: 0")
                .matcher(printed)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .max()
                .orElse(0);
        assertTrue(most > 20, printed);
    }

    /** What the quickstart builds; enforcer's rule no-spark looks at what these modules resolve. */
    @Test
    void theQuickstartBuildsNoModuleThatNeedsSpark() throws Exception {
        String quickstart = block("quickstart").strip().replace("mvn -q ", "mvn -f " + ROOT.toRealPath() + " ");
        List<String> modules = Pattern.compile(
                        "(?m)^\\[INFO] Building (FL4J.*) " + Pattern.quote(property("readme.version")))
                .matcher(run(quickstart + " validate"))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertTrue(modules.contains("FL4J examples"), modules::toString);
        assertTrue(modules.stream().noneMatch(module -> module.contains("Spark")), modules::toString);
    }

    /** Runs the README's command and returns all that it printed. */
    private String start() throws IOException, InterruptedException {
        return run(block("start").strip());
    }

    private String run(String line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(line.split(" ")));
        assertEquals("mvn", command.get(0));
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        command.set(
                0,
                Path.of(property("maven.home"), "bin", windows ? "mvn.cmd" : "mvn")
                        .toString());
        command.add("-B");
        command.add("-Dmaven.repo.local=" + REPOSITORY);
        if (property("readme.offline").equals("offline: true")) {
            command.add("-o");
        }
        Path output = application.resolve("output.txt");
        ProcessBuilder maven = new ProcessBuilder(command).directory(application.toFile());
        maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process =
                maven.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running");
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), printed);
        return printed;
    }

    private static List<String> accuracies(String printed) {
        return Pattern.compile("(?m)^(round \\d+): accuracy 0\\.\\d\\d$")
                .matcher(printed)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** The fenced block behind {@code <!-- ci:NAME -->}. */
    private static String block(String name) throws IOException {
        return block("README.md", name);
    }

    private static String block(String page, String name) throws IOException {
        String readme = Files.readString(ROOT.resolve(page), StandardCharsets.UTF_8);
        Matcher block = Pattern.compile("<!-- ci:" + name + " -->\\R```\\w+\\R(.*?)\\R```", Pattern.DOTALL)
                .matcher(readme);
        assertTrue(block.find(), page + " has no block ci:" + name);
        String text = block.group(1);
        assertFalse(block.find(), page + " has two blocks ci:" + name);
        return text;
    }

    /** A local repository with this build's artifacts and, by links, all of the user's but {@code org.fl4j}. */
    private static void installInto(Path repository) throws IOException {
        Path users = Path.of(property("readme.localRepository"));
        link(users, repository, "org");
        link(users.resolve("org"), repository.resolve("org"), "fl4j");
        install(repository, "fl4j-parent", ROOT);
        install(repository, "fl-bom", ROOT.resolve("fl-bom"));
        for (String module : PUBLISHED) {
            install(repository, module, ROOT.resolve(module));
        }
    }

    private static void link(Path from, Path to, String not) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                Path link = to.resolve(name);
                // There may be one of an earlier run.
                if (!name.equals(not) && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(link, entry.toAbsolutePath());
                }
            }
        }
    }

    private static void install(Path repository, String artifact, Path module) throws IOException {
        String version = property("readme.version");
        Path folder = Files.createDirectories(repository.resolve(Path.of("org", "fl4j", artifact, version)));
        String name = artifact + "-" + version;
        Files.copy(module.resolve("pom.xml"), folder.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        Path jar = module.resolve(Path.of("target", name + ".jar"));
        if (PUBLISHED.contains(artifact)) {
            Files.copy(jar, folder.resolve(name + ".jar"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        assertTrue(value != null, "the build passes no " + name);
        return value;
    }
}
