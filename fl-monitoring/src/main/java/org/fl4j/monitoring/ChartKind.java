package org.fl4j.monitoring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which figures a chart shows together.
 *
 * @param title what they are
 * @param fromZero whether the axis begins there
 * @param omitsZeros whether a figure that is always 0 is left out
 * @param isShown by the figure's name
 */
record ChartKind(String title, boolean fromZero, boolean omitsZeros, Predicate<String> isShown) {

    private static final Set<String> TOOK_PART = Set.of("clients.selected", "clients.completed");

    private static final List<ChartKind> KNOWN = List.of(
            new ChartKind("Accuracy", false, false, name -> name.endsWith(".accuracy")),
            new ChartKind("Loss", false, false, name -> name.endsWith(".loss")),
            new ChartKind("Privacy spent", true, false, name -> name.startsWith("privacy.")),
            new ChartKind("How clients differ", false, false, ChartKind::isOfDistribution),
            new ChartKind("Clients that took part", true, false, TOOK_PART::contains),
            new ChartKind("Clients that did not complete, by kind", true, true, name -> name.startsWith("clients.")),
            new ChartKind("Time by phase, seconds", true, false, name -> name.startsWith("time.")),
            new ChartKind("Bytes", true, false, name -> name.startsWith("traffic.")),
            new ChartKind("Metrics of the rule", false, false, name -> name.startsWith("rule.")));

    /** Sizes of what was evaluated, which hardly change: the table has them. */
    private static final Set<String> IN_THE_TABLE = Set.of("examples", "clients", "attempts");

    /** Those that these figures call for; a figure of no known kind is beside others that end alike. */
    static List<ChartKind> all(Collection<String> names) {
        Set<String> left = new LinkedHashSet<>(names);
        List<ChartKind> kinds = new ArrayList<>();
        for (ChartKind kind : KNOWN) {
            Set<String> its = new LinkedHashSet<>(left);
            its.removeIf(kind.isShown().negate());
            if (!its.isEmpty()) {
                kinds.add(new ChartKind(kind.title(), kind.fromZero(), kind.omitsZeros(), its::contains));
                left.removeAll(its);
            }
        }
        Set<String> words = new LinkedHashSet<>();
        left.forEach(name -> words.add(lastWord(name)));
        words.removeAll(IN_THE_TABLE);
        for (String word : words) {
            kinds.add(new ChartKind(
                    word,
                    false,
                    false,
                    name -> left.contains(name) && lastWord(name).equals(word)));
        }
        return kinds;
    }

    List<LineChart.Series> of(Map<String, LineChart.Series> all) {
        return all.values().stream()
                .filter(series -> isShown.test(series.name()))
                .filter(series -> !omitsZeros || series.points().stream().anyMatch(point -> point.value() != 0))
                .toList();
    }

    private static boolean isOfDistribution(String name) {
        return name.matches(".*[.](accuracy|loss)[.](mean|p10|worst)");
    }

    private static String lastWord(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
