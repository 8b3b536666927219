package org.fl4j.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Turns label values into classes, by the rule that {@link CsvReader} documents. */
final class CsvLabels {

    private static final int LONGEST =
            Integer.toString(CsvReader.MAX_CLASSES - 1).length();

    private CsvLabels() {}

    static List<String> classNames(List<String> stated, List<String> labels) {
        if (!stated.isEmpty()) {
            return stated;
        }
        TreeSet<String> distinct = new TreeSet<>(labels);
        if (!distinct.stream().allMatch(CsvLabels::isClassIndex)) {
            return List.copyOf(distinct);
        }
        int max = distinct.stream().mapToInt(Integer::parseInt).max().orElse(0);
        List<String> names = new ArrayList<>(max + 1);
        for (int c = 0; c <= max; c++) {
            names.add(Integer.toString(c));
        }
        return names;
    }

    static int[] classIndices(List<String> classNames, List<String> labels) {
        Map<String, Integer> index = new HashMap<>();
        for (String name : classNames) {
            index.put(name, index.size());
        }
        return labels.stream().mapToInt(index::get).toArray();
    }

    private static boolean isClassIndex(String value) {
        return value.length() <= LONGEST
                && value.matches("0|[1-9][0-9]*")
                && Integer.parseInt(value) < CsvReader.MAX_CLASSES;
    }
}
