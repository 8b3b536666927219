package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * All 360 points of the grid that {@link TightIntervalsTest} samples, half a minute: {@code -Daccounting.grid=true} writes intervals,
 * widths and times to {@code target/accounting-grid.csv}.
 */
@EnabledIfSystemProperty(named = "accounting.grid", matches = "true")
class WholeGridTest {

    @Test
    void isNarrowAtEveryPoint() throws IOException {
        List<String> table =
                new ArrayList<>(List.of("q,z,rounds,privacyDelta,lower,upper,share of what is allowed,ms"));
        List<String> wide = new ArrayList<>();
        for (double q : new double[] {1e-2, 1e-3, 1e-4, 1e-5, 1e-6}) {
            for (double z : new double[] {0.4, 0.6, 0.8, 1, 2, 3}) {
                for (long rounds : new long[] {200, 2000, 20_000}) {
                    for (double delta : new double[] {1e-6, 1e-8, 1e-10, 1e-12}) {
                        Composition composition =
                                Composition.of(PrivacyEvent.unsampled(z).poisson(q), rounds);
                        long start = System.nanoTime();
                        PrivacyLossAccountant.Interval epsilon =
                                PrivacyLossAccountant.create().epsilon(composition, delta);
                        double share = epsilon.width() / Math.max(1e-3 * epsilon.lower(), 5e-5);
                        String row = String.format(
                                Locale.ROOT,
                                "%.0e,%.1f,%d,%.0e,%.8f,%.8f,%.3f,%.0f",
                                q,
                                z,
                                rounds,
                                delta,
                                epsilon.lower(),
                                epsilon.upper(),
                                share,
                                (System.nanoTime() - start) / 1e6);
                        table.add(row);
                        if (!(share <= 1)) {
                            wide.add(row);
                        }
                    }
                }
            }
        }
        Files.write(Path.of("target/accounting-grid.csv"), table);

        assertEquals(List.of(), wide);
    }
}
