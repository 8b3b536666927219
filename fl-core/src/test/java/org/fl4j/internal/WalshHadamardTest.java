package org.fl4j.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalshHadamardTest {

    /** The lengths cross each way through the code: small ones, a tile, and passes of one to four levels and of five. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 32, 64, 128, 1024, 4096, 8192, 16384, 32768, 65536, 131072})
    void isTheMatrixOfItsDefinition(int n) {
        DeterministicRandom random = new DeterministicRandom(n);
        float[] x = new float[n + 10];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        float[] y = x.clone();
        WalshHadamard.transform(y, 7, n);
        for (int trial = 0; trial < 40; trial++) {
            int row = trial == 0 ? n - 1 : random.nextInt(n);
            double expected = 0;
            for (int j = 0; j < n; j++) {
                expected += (Integer.bitCount(row & j) % 2 == 0 ? 1 : -1) * (double) x[7 + j];
            }
            assertEquals(expected / Math.sqrt(n), y[7 + row], 3e-6, "row " + row);
        }
        for (int outside : new int[] {0, 6, 7 + n, 9 + n}) {
            assertEquals(x[outside], y[outside]);
        }
        WalshHadamard.transform(y, 7, n);
        assertArrayEquals(x, y, 5e-6f);
    }

    @Test
    void rejectsLengthsThatAreNoPowersOfTwoAndPartsOutsideTheArray() {
        assertEquals(
                "n must be a power of two, but was 12; pad the block with zeros",
                assertThrows(IllegalArgumentException.class, () -> WalshHadamard.transform(new float[12]))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> WalshHadamard.transform(new float[0]));
        assertThrows(IndexOutOfBoundsException.class, () -> WalshHadamard.transform(new float[8], 1, 8));
    }

    @Test
    void aBlockIsTheSmallestPowerOfTwoThatHoldsItsCoordinates() {
        assertEquals(1, WalshHadamard.blockSize(1));
        assertEquals(2, WalshHadamard.blockSize(2));
        assertEquals(4, WalshHadamard.blockSize(3));
        assertEquals(4096, WalshHadamard.blockSize(4096));
        assertEquals(8192, WalshHadamard.blockSize(4097));
        assertEquals(1 << 30, WalshHadamard.blockSize(1 << 30));
        assertThrows(IllegalArgumentException.class, () -> WalshHadamard.blockSize(0));
        assertThrows(IllegalArgumentException.class, () -> WalshHadamard.blockSize((1 << 30) + 1));
    }
}
