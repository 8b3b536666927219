package org.fl4j.aggregation.robust;

import java.nio.file.Path;
import java.util.Objects;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * Where a rule keeps a round's updates until the last one is there: n updates of d coordinates, in the layout's dtype.
 * The aggregate has the same bits in either place.
 *
 * <p>Immutable and thread-safe.
 */
public final class UpdateStorage {

    private static final UpdateStorage HEAP = new UpdateStorage(null);

    private final @Nullable Path directory;

    private UpdateStorage(@Nullable Path directory) {
        this.directory = directory;
    }

    /** In memory, the default of every rule; n * d values must fit: 400 MB for 100 FLOAT updates of 1,000,000 coordinates. */
    public static UpdateStorage onHeap() {
        return HEAP;
    }

    /**
     * In a temporary file for each round, of n * d values, created with the first update and deleted at the end of the
     * round. In memory remain an update's values besides its delta, and a few hundred coordinates of each delta.
     *
     * <p>A round throws {@link java.io.UncheckedIOException} if the file system fails, and
     * {@link org.fl4j.RunInterruptedException} if its thread is interrupted.
     *
     * <p>Privacy: the file holds the clients' updates in the clear, readable by the process's user alone where the file
     * system knows owners.
     *
     * @param directory must exist when the first update arrives
     */
    public static UpdateStorage inFiles(Path directory) {
        return new UpdateStorage(Objects.requireNonNull(directory));
    }

    HeldUpdates.Deltas open(ParameterLayout layout) {
        return directory == null ? new HeldUpdates.OnHeap() : new UpdateFile(directory, layout);
    }
}
