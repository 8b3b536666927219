package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.data.Examples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HospitalTest {

    private static final String WHOLE = "63.0,1.0,4.0,145.0,233.0,1.0,2.0,150.0,0.0,2.3,3.0,0.0,6.0,3\n";
    private static final String WITHOUT_LAST_COLUMNS = "28,0,1,130,132,0,0,185,1,0,?,NaN,?,0\n";
    private static final String WITHOUT_CHOLESTEROL = "29,1,2,140,NaN,0,0,170,0,0,NaN,NaN,NaN,0\n";

    @TempDir
    private Path folder;

    @Test
    void isPreparedAsInTheBenchmark() throws Exception {
        for (String name : List.of("cleveland", "hungarian", "switzerland", "va")) {
            Files.writeString(
                    folder.resolve("processed." + name + ".data"), WHOLE + WITHOUT_LAST_COLUMNS + WITHOUT_CHOLESTEROL);
        }
        List<Hospital> hospitals = Hospital.read(folder);

        assertEquals(
                List.of("cleveland", "hungarian", "switzerland", "va"),
                hospitals.stream().map(Hospital::name).toList());
        Examples patients = hospitals.get(2).patients();
        assertEquals(2, patients.size(), "a row with a missing value in a column that is used is dropped");
        assertEquals(1, patients.label(0), "any diagnosis above 0 is the disease");
        assertEquals(0, patients.label(1));
        assertArrayEquals(new float[] {63, 1, 0, 0, 1, 145, 233, 1, 0, 1, 150, 0, 2.3f}, row(patients, 0));
        assertArrayEquals(new float[] {28, 0, 0, 0, 0, 130, 132, 0, 0, 0, 185, 1, 0}, row(patients, 1));
    }

    @Test
    void aMissingFileIsNamed() {
        assertEquals(
                "there is no file " + folder.resolve("processed.cleveland.data")
                        + "; --data names the folder of the four processed.*.data files",
                assertThrows(IllegalArgumentException.class, () -> Hospital.read(folder))
                        .getMessage());
    }

    @Test
    void drawnHospitalsAreTheSameForASeedAndDifferAmongThemselves() {
        List<Hospital> once = Hospital.generated(1);
        List<Hospital> again = Hospital.generated(1);

        assertEquals(
                List.of(303, 261, 46, 130),
                once.stream().map(h -> h.patients().size()).toList());
        assertArrayEquals(row(once.get(1).patients(), 7), row(again.get(1).patients(), 7));
        assertTrue(share(once.get(2).patients()) > share(once.get(0).patients()) + 0.1, "more of them are ill");
    }

    @Test
    void eachHospitalOrAllTogetherAreStandardized() {
        List<Hospital> hospitals = Hospital.generated(1);
        HospitalSplit own = HospitalSplit.of(hospitals, HospitalSplit.Statistics.OWN, 3);
        HospitalSplit pooled = HospitalSplit.of(hospitals, HospitalSplit.Statistics.POOLED, 3);

        for (int h = 0; h < 4; h++) {
            assertEquals(0, mean(own.hospitals().get(h).training()), 1e-5);
        }
        assertEquals(0, mean(pooled.pooledTraining()), 1e-5);
        assertTrue(Math.abs(mean(pooled.hospitals().get(0).training())) > 0.05);
        assertEquals(
                own.hospitals().get(1).test().size(),
                pooled.hospitals().get(1).test().size());
    }

    private static double mean(Examples examples) {
        double sum = 0;
        for (int i = 0; i < examples.size(); i++) {
            sum += row(examples, i)[0] / (double) examples.size();
        }
        return sum;
    }

    private static double share(Examples examples) {
        double ill = 0;
        for (int i = 0; i < examples.size(); i++) {
            ill += examples.label(i);
        }
        return ill / examples.size();
    }

    private static float[] row(Examples examples, int i) {
        float[] row = new float[examples.featureLength()];
        examples.copyFeatures(i, row, 0);
        return row;
    }
}
