package org.fl4j.monitoring;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.report.Disclosure;

/** Records as of a long run with every kind of figure, the same ones each time. */
final class SampleRun {

    static final RunStart START = new RunStart(
            "3fa2b1c0-91d4e77a",
            0,
            2000,
            Disclosure.CLIENTS,
            Instant.parse("2026-03-01T08:00:00Z"),
            Map.of("learning rate", "0.1 <script>alert(1)</script>", "java", "17 & more"));

    private SampleRun() {}

    static RoundRecord round(int round) {
        DeterministicRandom random = new DeterministicRandom(round);
        Map<String, Double> figures = new LinkedHashMap<>();
        double fall = Math.exp(-round / 300.0);
        figures.put("training.loss", 0.2 + 2 * fall + 0.05 * random.nextGaussian());
        figures.put("rule.clip", 1 + fall);
        figures.put("clients.selected", 40.0);
        int failed = random.nextInt(5);
        int late = random.nextInt(3);
        figures.put("clients.completed", 40.0 - failed - late);
        figures.put("clients.failed", (double) failed);
        figures.put("clients.rejected", 0.0);
        figures.put("clients.timed_out", (double) late);
        figures.put("traffic.down_bytes", 31_841_223.0);
        figures.put("traffic.up_bytes", 31_841_223.0 - 800_000 * failed);
        figures.put("round.attempts", 1.0);
        if (round % 5 == 0) {
            for (String name : new String[] {"central", "federated"}) {
                figures.put(name + ".loss", 0.25 + 2 * fall + 0.02 * random.nextGaussian());
                figures.put(name + ".accuracy", 0.98 - 0.8 * fall + 0.005 * random.nextGaussian());
                figures.put(name + ".auc", 0.99 - 0.4 * fall + 0.005 * random.nextGaussian());
                figures.put(name + ".examples", 10_000.0);
            }
            figures.put("federated.accuracy.mean", 0.97 - 0.8 * fall);
            figures.put("federated.accuracy.p10", 0.9 - 0.8 * fall);
            figures.put("federated.accuracy.worst", 0.82 - 0.8 * fall);
        }
        figures.put("time.round_seconds", 0.1 + 0.02 * random.nextDouble());
        figures.put("time.other_seconds", round % 5 == 0 ? 0.06 : 0.004);
        figures.put("privacy.epsilon", Math.sqrt(round) / 20);
        boolean isWell = round % 97 != 0;
        return new RoundRecord(
                round,
                isWell ? RoundRecord.Outcome.ADVANCED : RoundRecord.Outcome.ABANDONED,
                isWell
                        ? ""
                        : "round " + round + ": 12 of 40 clients completed but the round needs 30, </script> & 'more'",
                START.at().plusSeconds(round),
                figures);
    }
}
