package org.fl4j.privacy.secagg;

/** A piece of the work of unmasking; pieces can be done in any order and side by side. */
@FunctionalInterface
interface MaskRemoval {

    void from(Masks masks, RingVector sum);
}
