package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;

/**
 * Test accuracies of one model.
 *
 * @param pooled over the test patients of all hospitals
 * @param each over those of each hospital
 */
record HospitalScore(double pooled, List<Double> each) {

    static HospitalScore mean(List<HospitalScore> scores) {
        List<Double> each = new ArrayList<>();
        for (int h = 0; h < scores.get(0).each().size(); h++) {
            int hospital = h;
            each.add(scores.stream()
                    .mapToDouble(score -> score.each().get(hospital))
                    .average()
                    .orElseThrow());
        }
        return new HospitalScore(
                scores.stream().mapToDouble(HospitalScore::pooled).average().orElseThrow(), each);
    }

    /** The standard deviation of one score, estimated from all; 0 of a single one. */
    static double deviation(List<HospitalScore> scores) {
        double mean = mean(scores).pooled();
        double squares = scores.stream()
                .mapToDouble(score -> (score.pooled() - mean) * (score.pooled() - mean))
                .sum();
        return scores.size() < 2 ? 0 : Math.sqrt(squares / (scores.size() - 1));
    }
}
