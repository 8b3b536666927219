package org.fl4j.aggregation.robust;

import java.nio.file.Path;

/**
 * Where a rule keeps a round's updates until the last one is there: n updates of d coordinates, in the layout's dtype.
 * The aggregate has the same bits wherever they were.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface UpdateStorage permits HeapStorage, FileStorage {

    /**
     * In memory, which n * d values must fit: 400 MB for 100 FLOAT updates of 1,000,000 coordinates.
     *
     * @return the default of every rule
     */
    static UpdateStorage onHeap() {
        return HeapStorage.INSTANCE;
    }

    /**
     * In a temporary file for each round, of n * d values, made with the first update and gone with the end of the round.
     * In memory remain what an update says besides its delta and a few hundred coordinates of each.
     *
     * <p>Privacy: the file holds the clients' updates in the clear, readable by the process's user alone where the file
     * system knows owners.
     *
     * @param directory an existing one, looked for when the first update arrives
     * @return the storage; a round fails with an {@link java.io.UncheckedIOException} where the file system refuses, and
     *     with a {@link org.fl4j.RunInterruptedException} where its thread is interrupted
     */
    static UpdateStorage inFiles(Path directory) {
        return new FileStorage(directory);
    }
}
