package org.fl4j.privacy.secagg.internal.vector;

/** A piece of the work of unmasking; pieces can be done in any order and side by side. */
@FunctionalInterface
public interface MaskRemoval {

    void from(Masks masks, RingVector sum);
}
