package org.fl4j.aggregation.robust;

/** The heap. */
enum HeapStorage implements UpdateStorage {
    INSTANCE
}
