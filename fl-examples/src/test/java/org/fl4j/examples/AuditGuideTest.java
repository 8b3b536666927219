package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.fl4j.data.StrokeDigits;
import org.fl4j.models.DenseModel;
import org.fl4j.privacy.audit.AuditedRun;
import org.fl4j.privacy.audit.PrivacyAudit;
import org.fl4j.privacy.dp.AuditVerdict;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the snippets of docs/privacy-audit.md: each is a region of this file, word for word. */
@Timeout(120)
class AuditGuideTest {

    private static final Path GUIDE = Path.of("../docs/privacy-audit.md");
    private static final Path THIS = Path.of("src/test/java/org/fl4j/examples/AuditGuideTest.java");
    private static final Pattern IN_GUIDE =
            Pattern.compile("<!-- snippet:(\\w+) -->\\n```java\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern HERE =
            Pattern.compile("^ *// snippet:(\\w+)\\n(.*?)^ *// end:\\1\\n", Pattern.DOTALL | Pattern.MULTILINE);

    private final StrokeDigits digits = StrokeDigits.of(1);

    @Test
    void anHonestRunPasses() {
        // snippet:audit
        Population writers = Population.generated(100, writer -> digits.writer(writer, 20));
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(0.5), 1);
        AuditedRun audit = PrivacyAudit.canaries(1_000).confidence(0.95).begin();
        Simulation.Result end = Simulation.with(rule)
                .over(writers, () -> DenseModel.perceptron(784, 24, 10).withSeed(7))
                .clients(audit::around) // the canaries behind the writers
                .configure(server -> server.listeners(audit)) // scores the weights of every round
                .run(4);
        PrivacyStatement statement = rule.statement(end.state().ledger(), 1e-5);
        AuditVerdict verdict = audit.evidence().against(statement).requirePassed();
        System.out.println(statement.with(verdict).text());
        // end:audit
        assertEquals(4, verdict.rounds());
        assertTrue(verdict.right() > 150, verdict::toString);
        assertTrue(verdict.shown().epsilon() > 1 && !verdict.shown().isViolated(), verdict::toString);
    }

    @Test
    void aResumedRunIsAuditedWhole(@TempDir Path folder) {
        Population writers = Population.generated(20, writer -> digits.writer(writer, 20));
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(0.5), 1);

        assertEquals(1, resumed(folder, writers, rule, 1).evidence().rounds());
        AuditedRun audit = resumed(folder, writers, rule, 3);
        assertEquals(3, audit.evidence().rounds());
        assertTrue(audit.evidence().right() > 150, audit.evidence()::toString);
    }

    private static AuditedRun resumed(Path folder, Population writers, GaussianMechanism rule, int rounds) {
        // snippet:resumed
        AuditedRun audit = PrivacyAudit.canaries(1_000)
                .recordedIn(folder.resolve("auditor"))
                .begin();
        Simulation.with(rule)
                .over(writers, () -> DenseModel.perceptron(784, 24, 10).withSeed(7))
                .clients(audit::around)
                .configure(server -> server.listeners(audit))
                .checkpoints(folder.resolve("run"))
                .run(rounds);
        // end:resumed
        return audit;
    }

    @Test
    void guideShowsTheRegionsOfThisFile() throws IOException {
        Map<String, String> regions = snippets(HERE, THIS);
        assertEquals(regions, snippets(IN_GUIDE, GUIDE));
        assertEquals(2, regions.size());
    }

    private static Map<String, String> snippets(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file).replace("\r\n", "\n"))
                .results()
                .collect(
                        Collectors.toMap(found -> found.group(1), AuditGuideTest::code, (a, b) -> a + b, TreeMap::new));
    }

    private static String code(MatchResult found) {
        // The last line counts for the indentation, also where it is empty.
        return found.group(2).stripTrailing().stripIndent();
    }
}
