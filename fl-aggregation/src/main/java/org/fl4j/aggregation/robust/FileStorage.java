package org.fl4j.aggregation.robust;

import java.nio.file.Path;
import java.util.Objects;

/** Files in one directory. */
record FileStorage(Path directory) implements UpdateStorage {

    FileStorage {
        Objects.requireNonNull(directory);
    }
}
