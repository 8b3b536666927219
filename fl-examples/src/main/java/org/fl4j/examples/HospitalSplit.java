package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;
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
