package org.fl4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.data.Examples;
import org.fl4j.data.Standardization;
import org.fl4j.data.TrainTest;
import org.fl4j.random.Seeds;

/**
 * Each hospital's patients divided into training and test, standardized.
 *
 * @param hospitals training and test of each
 */
record HospitalSplit(List<TrainTest> hospitals) {

    private static final double TRAINING_SHARE = 0.66;

    /** Whose means and deviations standardize the features. */
    enum Statistics {
        /** Each hospital's own: nobody has to learn them. */
        OWN("each hospital's own statistics"),
        /** Those of all training patients together. */
        POOLED("pooled statistics");

        private final String words;

        Statistics(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    static HospitalSplit of(List<Hospital> all, Statistics statistics, long seed) {
        List<TrainTest> raw = new ArrayList<>();
        for (Hospital hospital : all) {
            raw.add(TrainTest.stratified(
                    hospital.patients(), TRAINING_SHARE, Seeds.derive(seed, 0, hospital.name(), "split")));
        }
        return standardized(raw, statistics);
    }

    /**
     * FLamby's one split of the files' patients, by scikit-learn's stratified shuffle from seed 43; a resource has the rows of its test patients.
     *
     * @param all read from the files
     */
    static HospitalSplit ofFlamby(List<Hospital> all, Statistics statistics) {
        List<TrainTest> raw = new ArrayList<>();
        for (Hospital hospital : all) {
            Set<Integer> test = testPatients(hospital.name());
            IntStream rows = IntStream.range(0, hospital.patients().size());
            int[] training = rows.filter(row -> !test.contains(row)).toArray();
            raw.add(new TrainTest(
                    hospital.patients().select(training),
                    hospital.patients()
                            .select(test.stream().mapToInt(row -> row).sorted().toArray())));
        }
        return standardized(raw, statistics);
    }

    private static Set<Integer> testPatients(String hospital) {
        try (InputStream in = HospitalSplit.class.getResourceAsStream("flamby-test-patients.csv")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> line.startsWith(hospital + ","))
                    .flatMap(line -> Stream.of(line.split(",")).skip(1))
                    .map(Integer::valueOf)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HospitalSplit standardized(List<TrainTest> raw, Statistics statistics) {
        Standardization pooled = Standardization.of(union(raw));
        List<TrainTest> standardized = new ArrayList<>();
        for (TrainTest hospital : raw) {
            Standardization by = statistics == Statistics.POOLED ? pooled : Standardization.of(hospital.training());
            standardized.add(new TrainTest(by.apply(hospital.training()), by.apply(hospital.test())));
        }
        return new HospitalSplit(standardized);
    }

    Examples pooledTraining() {
        return union(hospitals);
    }

    private static Examples union(List<TrainTest> hospitals) {
        return Examples.union(hospitals.stream().map(TrainTest::training).toList());
    }
}
