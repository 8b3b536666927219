package org.fl4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A last mini-batch that is too small is left out, and nothing else changes. */
class SmallestBatchTest {

    private static final LocalTraining TWO_EPOCHS = LocalTraining.epochs(2).withBatchSize(10);

    @ParameterizedTest
    @CsvSource({
        "21, 2, 10 10 10 10",
        "22, 2, 10 10 2 10 10 2",
        "20, 10, 10 10 10 10",
        "9, 9, 9 9",
        "1, 2, ''",
        "0, 2, ''"
    })
    void lastMiniBatchesBelowItAreLeftOut(int examples, int smallest, String sizes) {
        assertEquals(sizes, String.join(" ", sizes(examples, TWO_EPOCHS.withSmallestBatch(smallest))));
    }

    @Test
    void stepsGoOnWithTheNextEpoch() {
        LocalTraining how = LocalTraining.steps(3).withBatchSize(10).withSmallestBatch(2);

        assertEquals(List.of("10", "10", "10"), sizes(11, how));
        assertEquals(List.of(), sizes(1, how));
    }

    @Test
    void theOrderOfTheRestIsThatOfAllExamples() {
        MiniBatches all = new MiniBatches(21, TWO_EPOCHS, 5);
        MiniBatches most = new MiniBatches(21, TWO_EPOCHS.withSmallestBatch(2), 5);
        for (int batch = 0; batch < 3; batch++) {
            all.next();
            if (batch < 2) {
                most.next();
                assertEquals(all.example(9), most.example(9));
            }
        }
        all.next();
        most.next();
        assertEquals(all.example(0), most.example(0), "in the second epoch");
    }

    @Test
    void isInTheBinaryFormOnlyIfAsked() {
        LocalTraining with = TWO_EPOCHS.withSmallestBatch(2);

        assertEquals(with, BinaryReader.fromBytes(bytes(with), "TEST", 1, LocalTraining::readFrom));
        assertArrayEquals(bytes(TWO_EPOCHS), bytes(with.withSmallestBatch(1)));
    }

    @Test
    void isAtMostTheBatchSize() {
        assertEquals(
                "smallestBatch must be in [1, 10], the batch size, but was 11",
                assertThrows(IllegalArgumentException.class, () -> TWO_EPOCHS.withSmallestBatch(11))
                        .getMessage());
        assertEquals(3, TWO_EPOCHS.withSmallestBatch(8).withBatchSize(3).smallestBatch());
    }

    private static byte[] bytes(LocalTraining how) {
        return BinaryWriter.toBytes("TEST", 1, how::writeTo);
    }

    private static List<String> sizes(int examples, LocalTraining how) {
        List<String> sizes = new ArrayList<>();
        MiniBatches batches = new MiniBatches(examples, how, 5);
        while (batches.next()) {
            sizes.add(Integer.toString(batches.size()));
        }
        assertEquals(sizes.size(), how.stepsOver(examples));
        return sizes;
    }
}
