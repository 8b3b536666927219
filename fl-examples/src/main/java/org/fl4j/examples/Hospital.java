package org.fl4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.data.CsvColumns;
import org.fl4j.data.CsvReader;
import org.fl4j.data.Examples;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * A hospital of the UCI heart-disease data (Janosi, Steinbrunn, Pfisterer, Detrano 1988, CC BY 4.0), prepared as FLamby does
 * (Ogier du Terrail et al., NeurIPS 2022): without slope, vessels and thal, which are mostly missing; rows with a missing
 * value dropped; chest pain and ECG one-hot without their first value. 13 features; class 1 is any diagnosis above 0.
 *
 * @param name of the place
 * @param patients its examples
 */
record Hospital(String name, Examples patients) {

    static final int FEATURES = 13;

    private static final List<String> NAMES = List.of("cleveland", "hungarian", "switzerland", "va");
    private static final int RAW = 10;
    private static final int CHEST_PAIN = 2;
    private static final int ECG = 6;
    private static final CsvColumns COLUMNS = CsvColumns.withoutHeader(14)
            .features(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
            .label(13)
            .dropMissing()
            .classes("0", "1", "2", "3", "4");

    /** The four files of the collection, {@code processed.cleveland.data} and so on. */
    static List<Hospital> read(Path directory) {
        List<Hospital> hospitals = new ArrayList<>();
        for (String name : NAMES) {
            Path file = directory.resolve("processed." + name + ".data");
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException("there is no file " + file + "; --data names the folder of the four"
                        + " processed.*.data files");
            }
            hospitals.add(new Hospital(name, prepared(CsvReader.examples(file, COLUMNS))));
        }
        return hospitals;
    }

    /** Hospitals of the same sizes with one model of the disease and patients, and doctors' habits, of their own. */
    static List<Hospital> generated(long seed) {
        int[] sizes = {303, 261, 46, 130};
        double[] prevalence = {0, -0.3, 2, 1};
        List<Hospital> hospitals = new ArrayList<>();
        for (int h = 0; h < sizes.length; h++) {
            DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, 0, NAMES.get(h), "hospital"));
            float[] features = new float[sizes[h] * FEATURES];
            int[] labels = new int[sizes[h]];
            for (int i = 0; i < labels.length; i++) {
                double risk = prevalence[h];
                for (int j = 0; j < FEATURES; j++) {
                    double x = random.nextGaussian() + 0.5 * Math.sin(h + j);
                    features[i * FEATURES + j] = (float) (10 * j + (1 + j) * x);
                    risk += x * Math.cos(j) * 0.6;
                }
                labels[i] = random.nextDouble() < 1 / (1 + Math.exp(-risk)) ? 1 : 0;
            }
            hospitals.add(
                    new Hospital("drawn-" + NAMES.get(h), Examples.classified(features, labels, 2, (long) FEATURES)));
        }
        return hospitals;
    }

    private static Examples prepared(Examples raw) {
        float[] features = new float[raw.size() * FEATURES];
        int[] labels = new int[raw.size()];
        float[] row = new float[RAW];
        for (int i = 0; i < labels.length; i++) {
            raw.copyFeatures(i, row, 0);
            int at = i * FEATURES;
            for (int j = 0; j < RAW; j++) {
                if (j == CHEST_PAIN) {
                    at = oneHot(row[j] - 1, 3, features, at);
                } else if (j == ECG) {
                    at = oneHot(row[j], 2, features, at);
                } else {
                    features[at++] = row[j];
                }
            }
            labels[i] = raw.label(i) > 0 ? 1 : 0;
        }
        return Examples.classified(features, labels, 2, (long) FEATURES);
    }

    /** Values 1 to n have a column each; 0 is all zero. */
    private static int oneHot(float value, int n, float[] into, int at) {
        for (int v = 1; v <= n; v++) {
            into[at + v - 1] = value == v ? 1 : 0;
        }
        return at + n;
    }
}
